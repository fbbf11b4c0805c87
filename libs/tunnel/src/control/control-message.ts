import { parseJson } from '@sluice/domain';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { TunnelError } from '../socket/tunnel-error.js';

/** What a relay and a gateway send each other apart from sessions: JSON lines on the `control` connection. */
export const ControlMessage = z.discriminatedUnion('type', [
  /** From the relay: how many sessions it carries, and whether it is draining and accepts no more. */
  z.object({ type: z.literal('load'), sessions: z.int().min(0), draining: z.boolean() }),
  /** From the gateway: how many offers it wants to have waiting. Sent regularly, even when unchanged, as a sign of life. */
  z.object({ type: z.literal('want-offers'), offers: z.int().min(0).max(1000) }),
  /**
   * From the gateway: the relay must close its idle links through this gateway now, the others when their session has ended, and end the
   * sessions that still run after `withinMs`, which gateways of earlier releases do not send.
   */
  z.object({ type: z.literal('shutting-down'), withinMs: z.int().min(0).optional() }),
]);
/** What a relay and a gateway send each other apart from sessions. */
export type ControlMessage = z.infer<typeof ControlMessage>;

const LINE_LIMIT = 1024;

/** Sends a message. */
export const sendControl = (socket: Socket, message: ControlMessage): boolean => socket.write(`${JSON.stringify(message)}\n`);

/**
 * Receives messages; a malformed line ends the connection. The socket must not be flowing.
 * @param silentMs how long the peer may send nothing before the connection is closed; relays and gateways send regularly.
 * TCP alone would keep a connection whose peer has vanished for a quarter of an hour.
 */
export function readControl(socket: Socket, onMessage: (message: ControlMessage) => void, silentMs?: number): void {
  let rest = '';
  const silence =
    silentMs === undefined
      ? undefined
      : setTimeout(() => socket.destroy(new TunnelError('timeout', 'nothing was received for too long')), silentMs).unref();
  socket.once('close', () => clearTimeout(silence));
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    silence?.refresh();
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = ControlMessage.safeParse(parseJson(line));
      if (!message.success) return void socket.destroy(new TunnelError('bad-message', 'a malformed control message'));
      onMessage(message.data);
    }
    if (rest.length > LINE_LIMIT)
      socket.destroy(new TunnelError('too-long', `a control message is longer than ${LINE_LIMIT} characters`));
  });
  socket.resume();
}

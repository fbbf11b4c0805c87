import { parseJson } from '@sluice/domain';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { TunnelError } from '../socket/tunnel-error.js';

/** What a relay and a gateway tell each other beside the sessions: JSON lines on the `control` connection. */
export const ControlMessage = z.discriminatedUnion('tell', [
  /** Relay: how many sessions it carries, and whether it wants no more. */
  z.object({ tell: z.literal('load'), sessions: z.int().min(0), draining: z.boolean() }),
  /** Gateway: how many offers it would like to have waiting. */
  z.object({ tell: z.literal('want'), offers: z.int().min(0).max(1000) }),
  /** Gateway: it is shutting down; links through it that carry nothing are to be closed, the others when their session ends. */
  z.object({ tell: z.literal('leaving') }),
]);
/** What a relay and a gateway tell each other beside the sessions. */
export type ControlMessage = z.infer<typeof ControlMessage>;

const LINE_LIMIT = 1024;

/** Sends a message. */
export const sendControl = (socket: Socket, message: ControlMessage): boolean => socket.write(`${JSON.stringify(message)}\n`);

/**
 * Hears messages; a line that is none ends the connection. The socket must not be flowing.
 * @param silentMs how long the other end may say nothing before the connection is closed: one whose other end vanished
 * without a word would stand for a quarter of an hour. Only for an end that speaks regularly, as a relay does.
 */
export function readControl(socket: Socket, onMessage: (message: ControlMessage) => void, silentMs?: number): void {
  let rest = '';
  const silence =
    silentMs === undefined
      ? undefined
      : setTimeout(() => socket.destroy(new TunnelError('timeout', 'nothing was heard for too long')), silentMs).unref();
  socket.once('close', () => clearTimeout(silence));
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    silence?.refresh();
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = ControlMessage.safeParse(parseJson(line));
      if (!message.success) return void socket.destroy(new TunnelError('bad-message', 'a control line that is none'));
      onMessage(message.data);
    }
    if (rest.length > LINE_LIMIT) socket.destroy(new TunnelError('too-long', 'a control line without end'));
  });
  socket.resume();
}

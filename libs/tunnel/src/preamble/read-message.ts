import type { Socket } from 'node:net';
import { readExactly } from '../socket/read-exactly.js';
import { TunnelError } from '../socket/tunnel-error.js';
import { MESSAGE_LIMIT } from './messages.js';

/** Reads one message. `bytes` includes the length prefix, because signatures cover it. */
export async function readMessage(socket: Socket, signal: AbortSignal): Promise<{ bytes: Buffer; body: Buffer }> {
  const head = await readExactly(socket, 2, signal);
  const length = head.readUInt16BE(0);
  if (length === 0 || length > MESSAGE_LIMIT)
    throw new TunnelError('too-long', `a message of ${length} bytes; the limit is ${MESSAGE_LIMIT}`);
  const body = await readExactly(socket, length, signal);
  return { bytes: Buffer.concat([head, body]), body };
}

import type { Socket } from 'node:net';
import { TunnelError } from './tunnel-error.js';

/**
 * Reads exactly `length` bytes from a socket and leaves the rest in its buffer. The socket must not be flowing.
 * @throws TunnelError `closed` when the socket ends before that; `timeout`, or the signal's reason if that is a TunnelError,
 * when the signal is aborted
 */
export function readExactly(socket: Socket, length: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      socket.off('readable', attempt).off('end', onEnd).off('close', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const attempt = () => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes !== null && bytes.length === length) settle(() => resolve(bytes));
      else if (bytes !== null || socket.readableEnded || socket.destroyed) onEnd();
    };
    const onEnd = () => settle(() => reject(new TunnelError('closed', 'the connection was closed')));
    const onError = (cause: Error) =>
      settle(() => reject(new TunnelError('closed', `the connection broke: ${cause.message}`, { cause })));
    const onAbort = () =>
      settle(() =>
        reject(signal.reason instanceof TunnelError ? signal.reason : new TunnelError('timeout', 'no answer in time')),
      );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('readable', attempt).on('end', onEnd).on('close', onEnd).on('error', onError);
    attempt();
  });
}

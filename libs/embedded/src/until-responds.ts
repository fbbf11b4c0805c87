import { connect } from 'node:net';
import { until } from '@sluice/process';

const SILENCE_MS = 500;

/**
 * Resolves when the server at this port of loopback sends first bytes for which `isReady` returns true.
 * @param greeting what must be sent first, if the server waits for its client
 * @throws the reason of the signal when it aborts first
 */
export const untilResponds = (
  port: number,
  isReady: (response: Buffer) => boolean,
  signal: AbortSignal,
  greeting?: Buffer,
): Promise<void> => until(() => responds(port, isReady, greeting), signal);

const responds = (port: number, isReady: (response: Buffer) => boolean, greeting?: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => greeting && socket.write(greeting));
    const settle = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (response: Buffer) => settle(isReady(response)));
    socket.once('error', () => settle(false)).once('close', () => settle(false));
    socket.setTimeout(SILENCE_MS, () => settle(false));
  });

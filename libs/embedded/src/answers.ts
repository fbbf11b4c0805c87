import { connect } from 'node:net';

const TRY_EVERY_MS = 25;
const SILENT_MS = 500;

/**
 * Resolves when whoever listens at this port of loopback answers so that `isReady` is true of its first bytes.
 * @param greeting what must be said first, where the server waits for its client
 */
export async function untilAnswered(
  port: number,
  isReady: (answer: Buffer) => boolean,
  signal: AbortSignal,
  greeting?: Buffer,
): Promise<void> {
  while (!signal.aborted && !(await answers(port, isReady, greeting))) {
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
  }
}

const answers = (port: number, isReady: (answer: Buffer) => boolean, greeting?: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => greeting && socket.write(greeting));
    const is = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (answer: Buffer) => is(isReady(answer)));
    socket.once('error', () => is(false)).once('close', () => is(false));
    socket.setTimeout(SILENT_MS, () => is(false));
  });

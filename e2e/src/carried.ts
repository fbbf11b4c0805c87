import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that is carried: it has had an answer to its first bytes. @throws Error `refused: CODE` when it was closed instead */
export function carried(port: number, host = '127.0.0.1'): Promise<Socket> {
  const refused = new Error('refused'); // created here, so that its stack names the caller
  return new Promise((resolve, reject) => {
    let code = 'closed';
    const socket = connect(port, host, () => socket.write('hello'));
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? code));
    socket
      .once('data', () => resolve(socket))
      .once('close', () => reject(Object.assign(refused, { message: `refused: ${code}` })));
  });
}

/** Opens short sessions, one after the other. Those that fail count too: they are refused while a service is down. */
export async function shortSessions(port: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.end('hello');
    await once(socket.resume(), 'close');
  }
}

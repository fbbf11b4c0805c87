import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

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

/** Twenty short sessions a second, each of which has had an answer before it is closed, until it is stopped. */
export class SteadyLoad {
  opened = 0;
  failed = 0;
  private running = true;
  private readonly pending = new Set<Promise<void>>();
  private readonly begun: Promise<void>;

  constructor(private readonly port: number) {
    this.begun = this.run();
  }

  /** Resolves when the last session has ended. */
  async stop(): Promise<void> {
    this.running = false;
    await this.begun;
    await Promise.all(this.pending);
  }

  private async run(): Promise<void> {
    for (; this.running; await sleep(50)) {
      const session = this.one().finally(() => this.pending.delete(session));
      this.pending.add(session);
    }
  }

  private async one(): Promise<void> {
    try {
      const socket = await carried(this.port);
      this.opened++;
      socket.end();
      await once(socket, 'close');
    } catch {
      this.failed++;
    }
  }
}

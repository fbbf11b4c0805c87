import { createServer } from 'node:net';
import { StartError } from './home.js';

/** Refuses a port of loopback that somebody else has. @throws StartError naming the setting that gives another */
export function assertFree(port: number, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on (${error.code})`;
      reject(new StartError(`port ${port} ${why}: set ${setting} to a free one`, { cause: error }));
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

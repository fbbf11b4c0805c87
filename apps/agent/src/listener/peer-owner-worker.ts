import { parentPort } from 'node:worker_threads';
import { readSocketTable } from './socket-table.js';

// Looks up who owns the other ends of connections. The kernel's table is read once for a whole batch of look-ups.
parentPort?.on('message', (asked: { id: number; local: string; remote: string }[]) => {
  const table = new Map(readSocketTable().map((line) => [`${line.local} ${line.remote}`, line]));
  parentPort?.postMessage(
    asked.map(({ id, local, remote }) => {
      const line = table.get(`${local} ${remote}`);
      return { id, uid: line === undefined || line.inode === 0 ? null : line.uid };
    }),
  );
});

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readSocketTable } from './socket-table.js';

/** Which process listens at an address, such as `postgres (pid 123)`, as far as this user is allowed to see it. */
export function whoListens(address: string, port: number): string {
  const lines = readSocketTable().filter(
    (line) =>
      line.listening &&
      (line.local === `${address}:${port}` || line.local === `0.0.0.0:${port}` || line.local === `${'00'.repeat(16)}:${port}`),
  );
  const inodes = new Set(lines.map((line) => `socket:[${line.inode}]`));
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(link(`/proc/${pid}/fd/${fd}`)))) continue;
      return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`;
    } catch {
      // another user's process, or one that has ended meanwhile
    }
  }
  return 'another process';
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

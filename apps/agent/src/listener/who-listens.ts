import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readSocketTable } from './socket-table.js';

/** Says which process listens at an address, as far as this user may know: `postgres (pid 123)`. */
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
      // not ours to look at, or gone
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

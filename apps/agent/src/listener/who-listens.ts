import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { readSocketTable } from './socket-table.js';

/** Programs that run another one, which is what people know it by. */
const RUNS_ANOTHER = /^(node|nodejs|bun|deno|python|ruby|perl|java|sh|bash)[\d.]*$/;

/** Which process listens at an address, such as `postgres (pid 123)`, `node server.js (pid 124)`, as far as this user is allowed to see it. */
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
      return `${programOf(pid)} (pid ${pid})`;
    } catch {
      // another user's process, or one that has ended meanwhile
    }
  }
  return 'another process';
}

/** The program of a process. Its `comm` is the name of its first thread, which programs choose: Node calls it `MainThread`. */
function programOf(pid: string): string {
  const [first = '', ...rest] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const program = path.basename(first.split(':')[0] ?? '') || readFileSync(`/proc/${pid}/comm`, 'utf8').trim(); // "postgres: writer"
  const runs = RUNS_ANOTHER.test(program) ? rest.find((word) => word !== '' && !word.startsWith('-')) : undefined;
  return runs === undefined ? program : `${program} ${path.basename(runs)}`;
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Ports below those that the kernel gives to whoever asks for any: what is free now is not taken by a connection later. */
const PORTS = { first: 20_000, count: 12_768 };
let asked = process.pid * 131; // processes begin in different places

/** A TCP port that is free on loopback, and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS.count; tries++) {
    const port = PORTS.first + (asked++ % PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${PORTS.first} to ${PORTS.first + PORTS.count - 1} is free`);
}

/** A port that is the same at each start: kept in a file, chosen anew when somebody else has it meanwhile. */
export async function keptPort(file: string): Promise<number> {
  const kept = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  const port = kept > 0 && (await isFree(kept)) ? kept : await freePort();
  await writeFile(file, `${port}\n`);
  return port;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

/** Resolves when a child has ended; at once when it has already. */
export const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

/** Sends a signal, and SIGKILL when the child has not ended in time (milliseconds). */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals, timeoutMs = 10_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await ended(child);
  clearTimeout(timer);
}

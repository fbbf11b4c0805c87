import { createSocket } from 'node:dgram';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { StartError } from './home.js';

// A library such as get-port would return ports that the kernel also assigns to outgoing connections, and the same one twice.
/** Ports below those that the kernel assigns to outgoing connections, so that none of these takes a free port before its user listens. */
const PORTS = { first: 20_000, count: 12_768 };
let next = process.pid * 131; // processes begin at different ports

/** A TCP port that is free on loopback, and that no other caller receives, here or in another process, until this process ends. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS.count; tries++) {
    const port = PORTS.first + (next++ % PORTS.count);
    if ((await obstacleAt(port)) === undefined && (await reserve(port))) return port;
  }
  throw new Error(`no port from ${PORTS.first} to ${PORTS.first + PORTS.count - 1} is free`);
}

/**
 * Reserves a TCP port for its user, who may listen there much later, by binding the UDP port of the same number:
 * the kernel lets one process have it, and takes it back when the process ends, however that happens.
 * @returns whether nobody else has reserved it
 */
const reserve = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const reservation = createSocket('udp4').unref();
    reservation.once('error', () => reservation.close(() => resolve(false)));
    reservation.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true));
  });

/** A port that is the same at each start: it is stored in a file, and replaced if another process uses it. */
export async function keptPort(file: string): Promise<number> {
  const kept = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  const port = kept > 0 && (await obstacleAt(kept)) === undefined ? kept : await freePort();
  await writeFile(file, `${port}\n`);
  return port;
}

/** Checks that a port of loopback is free. @throws StartError naming the setting that chooses another */
export async function assertFree(port: number, setting: string): Promise<void> {
  const cause = await obstacleAt(port);
  if (!cause) return;
  const why = cause.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be listened on (${cause.code})`;
  throw new StartError(`port ${port} ${why}: set ${setting} to a free one`, { cause });
}

/** Why nobody can listen at a port of loopback; undefined if it is free. */
const obstacleAt = (port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)));
  });

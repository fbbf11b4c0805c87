import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 600;
const EVERY_MS = 50;

/** Waits until a program listens at a port of this machine. @throws Error if it ends, or does not listen within half a minute */
export async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < TRIES && child.exitCode === null; tries++) {
    if (await listens(port)) return;
    await sleep(EVERY_MS); // then it tries again: nothing else shows that a program listens
  }
  throw new Error(`${child.spawnfile} does not listen at ${port}`);
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => (socket.destroy(), resolve(true)))
      .once('error', () => resolve(false));
  });

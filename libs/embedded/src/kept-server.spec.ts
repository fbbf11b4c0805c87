import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { stopChild } from './child.js';
import { KeptServer, type RunningServer } from './kept-server.js';

let server: KeptServer;
afterEach(() => server.stop());

/** A process that runs until it is stopped. */
async function run(port: number): Promise<RunningServer> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  await once(child, 'spawn');
  return { url: `tcp://127.0.0.1:${port}`, process: child, stop: () => stopChild(child, 'SIGTERM') };
}

/** Keeps a server whose starts with the numbers in `failing` (from 1) fail; `holding` waits until it is released. */
async function keep(failing: readonly number[] = [], holding = 0) {
  const started: RunningServer[] = [];
  const ports: (number | undefined)[] = [];
  const lines: string[] = [];
  let heard: () => void = () => undefined;
  let hold: (release: () => void) => void;
  const held = new Promise<() => void>((resolve) => (hold = resolve));
  server = await KeptServer.start({
    name: 'Store',
    logFile: '/log',
    restart: true,
    say: (line) => {
      lines.push(line);
      heard();
    },
    start: async (port) => {
      ports.push(port);
      if (failing.includes(ports.length)) throw new Error('the port is taken');
      if (ports.length === holding) await new Promise<void>((resolve) => hold(resolve));
      const running = await run(port ?? 4321);
      started.push(running);
      return running;
    },
  });
  const said = async (line: string) => {
    while (!lines.includes(line)) await new Promise<void>((resolve) => (heard = resolve));
  };
  return { started, ports, lines, said, held };
}

it('starts a killed server again at the same port, also when a start fails in between', async () => {
  const { started, ports, lines, said } = await keep([2]);
  started[0]?.process.kill('SIGKILL');
  await said('Store is back.');
  expect(ports).toEqual([undefined, 4321, 4321]);
  expect(lines).toEqual([
    'Store ended unexpectedly (SIGKILL); it is started again in 0.5 s. Its log: /log',
    'Store could not be started (the port is taken); it is started again in 1 s. Its log: /log',
    'Store is back.',
  ]);
}, 20_000);

it('does not start it again when it was stopped', async () => {
  const { started, lines } = await keep();
  await server.stop();
  expect(started.map(({ process: child }) => child.signalCode)).toEqual(['SIGTERM']);
  expect(lines).toEqual([]);
});

it('leaves none behind that was being started when it was stopped', async () => {
  const { started, held } = await keep([], 2);
  started[0]?.process.kill('SIGKILL');
  const release = await held;
  const stopped = server.stop();
  release();
  await stopped;
  expect(started.map(({ process: child }) => child.signalCode)).toEqual(['SIGKILL', 'SIGTERM']);
}, 20_000);

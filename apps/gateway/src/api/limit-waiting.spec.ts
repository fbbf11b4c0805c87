import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { limitWaiting } from './limit-waiting.js';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});

/** A server that accepts 400 connections, of which 100 may wait. */
async function serve(): Promise<number> {
  const server = createServer((_, response) => response.end('yes')).listen(0, '127.0.0.1');
  server.maxConnections = 400;
  limitWaiting(server, { max: 100, maxOfOne: 50, maxInFlood: 300 });
  await once(server, 'listening');
  cleanUp.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const ask = (port: number, agent: Agent | false = false): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent }, (answer) => answer.resume().once('end', () => resolve(answer.statusCode))).on(
      'error',
      reject,
    );
  });

it.each([
  ['send nothing', ''],
  ['never complete a request head', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['stay open after a request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
])(
  'serves an ordinary client while more connections than allowed %s and reconnect when closed',
  async (_, says) => {
    const port = await serve();
    const script = `
      const [port, says] = JSON.parse(process.argv[1]);
      let open = 0;
      const one = (i) => {
        const socket = require('net').connect({ port, host: '127.0.0.1', localAddress: '127.0.0.' + (1 + i % 8) }, () => {
          socket.write(says);
          if (++open === 600) process.stdout.write('ready');
        });
        socket.on('error', () => {}).on('close', () => setTimeout(one, 50, i)).resume();
      };
      for (let i = 0; i < 600; i++) one(i);`;
    const child = spawn(process.execPath, ['-e', script, JSON.stringify([port, says])], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanUp.push(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    for (let i = 0; i < 20; i++) expect(await ask(port)).toBe(200);
  },
  30_000,
);

it('reuses a keep-alive connection while connections that send nothing are closed', async () => {
  const port = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanUp.push(() => agent.destroy());
  expect(await ask(port, agent)).toBe(200);
  const silent = Array.from({ length: 200 }, () =>
    connect({ port, host: '127.0.0.1', localAddress: '127.0.0.3' }).on('error', () => undefined),
  );
  cleanUp.push(() => silent.forEach((socket) => socket.destroy()));
  await expect.poll(() => silent.filter((socket) => socket.closed).length, { timeout: 5000 }).toBe(150);
  expect(await ask(port, agent)).toBe(200);
});

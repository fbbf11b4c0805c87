import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PeerOwner } from './peer-owner.js';
import { readSocketTable } from './socket-table.js';
import { SockDiag } from './sock-diag.js';

let server: Server;
const diag = new SockDiag();

beforeAll(async () => {
  server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  diag.close();
  server.close();
});

const port = () => (server.address() as AddressInfo).port;
const endsOf = (accepted: Socket) => ({
  local: `${accepted.remoteAddress}:${accepted.remotePort}`,
  remote: `${accepted.localAddress}:${accepted.localPort}`,
});

it('finds the owner of a connection, the same as the table of all sockets does', async () => {
  const client = connect(port(), '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const ends = endsOf(accepted);
  expect(await diag.owner(ends)).toBe(process.getuid?.());
  const line = readSocketTable().find((entry) => entry.local === ends.local && entry.remote === ends.remote);
  expect(line?.uid).toBe(process.getuid?.());
  client.destroy();
  accepted.destroy();
});

it('finds the owner of a client with an IPv6 socket, from the kernel and from the table', async () => {
  const client = connect(port(), '::ffff:127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const ends = endsOf(accepted);
  expect(ends.local).toBe(`127.0.0.1:${client.localPort}`);
  expect(await diag.owner(ends)).toBe(process.getuid?.());
  const lines = readSocketTable().filter((entry) => entry.local === ends.local && entry.remote === ends.remote);
  expect(lines.map(({ uid }) => uid)).toEqual([process.getuid?.()]);
  client.destroy();
  accepted.destroy();
});

it('distinguishes another user from us', async () => {
  const script = `require('net').connect(${port()}, '127.0.0.1')`;
  const nobody = spawn('setpriv', ['--reuid=65534', '--clear-groups', process.execPath, '-e', script], { stdio: 'ignore' });
  const [accepted] = (await once(server, 'connection')) as [Socket];
  expect(await diag.owner(endsOf(accepted))).toBe(65534);
  accepted.destroy();
  nobody.kill();
});

it('finds no owner of an end that is closed, that only listens, or that has an IPv6 address', async () => {
  const client = connect(port(), '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const ends = endsOf(accepted);
  client.resetAndDestroy();
  await new Promise((resolve) =>
    accepted
      .once('close', resolve)
      .on('error', () => undefined)
      .resume(),
  );
  expect(await diag.owner(ends)).toBeUndefined();
  expect(await diag.owner({ local: `127.0.0.1:${port()}`, remote: '127.0.0.1:9' })).toBeUndefined();
  expect(await diag.owner({ local: '::1:5', remote: '::1:6' })).toBeUndefined();
});

it('replaces a helper that is late or was killed, and finds no owner meanwhile', async () => {
  const children = () => readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim();
  const before = new Set(children().split(' '));
  const own = new SockDiag(200);
  const helper = () =>
    Number(
      children()
        .split(' ')
        .find((pid) => !before.has(pid)) ?? 0,
    );
  const client = connect(port(), '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const ends = endsOf(accepted);
  expect(await own.owner(ends)).toBe(process.getuid?.());
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    process.kill(helper(), signal);
    expect(await own.owner(ends)).toBeUndefined();
    await expect.poll(() => own.owner(ends), { timeout: 5000 }).toBe(process.getuid?.());
  }
  own.close();
  client.destroy();
  accepted.destroy();
});

describe('the worker that reads the table, where the kernel cannot be asked for one socket', () => {
  let sockets: Socket[];
  let accepted: Socket;
  const workers: Worker[] = [];
  const compiled = () => {
    const worker = new Worker(new URL('../../dist/listener/peer-owner-worker.js', import.meta.url));
    workers.push(worker);
    return worker;
  };
  const ownerBy = (startWorker: () => Worker, timeoutMs = 5000) => {
    const silent = new SockDiag();
    silent.close();
    return new PeerOwner(startWorker, timeoutMs, silent);
  };
  const unresponsive = () => {
    const worker = new Worker('setInterval(() => undefined, 1000)', { eval: true });
    workers.push(worker);
    return worker;
  };
  beforeEach(async () => {
    workers.length = 0;
    const client = connect(port(), '127.0.0.1');
    [accepted] = (await once(server, 'connection')) as [Socket];
    sockets = [client, accepted];
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
  });

  it('is replaced when it dies, and look-ups that were waiting for it resolve without an owner', async () => {
    const owner = ownerBy(compiled);
    expect(await owner.of(accepted)).toBe(process.getuid?.());
    const waiting = [owner.of(accepted), owner.of(accepted)];
    await Promise.resolve();
    await workers[0]?.terminate();
    for (const answer of await Promise.all(waiting)) expect([null, process.getuid?.()]).toContain(answer);
    expect(await owner.of(accepted)).toBe(process.getuid?.());
    expect(workers).toHaveLength(2);
    await owner.close();
  });

  it('is replaced when it does not answer', async () => {
    const owner = ownerBy(() => (workers.length === 0 ? unresponsive() : compiled()), 1500);
    expect(await Promise.all([owner.of(accepted), owner.of(accepted)])).toContain(null);
    await expect.poll(() => owner.of(accepted), { timeout: 20_000 }).toBe(process.getuid?.());
    await owner.close();
  }, 30_000);

  it('leaves the owner unknown when it cannot be started, or the agent ends', async () => {
    const none = ownerBy(() => {
      throw new Error('no thread can be started');
    });
    expect(await none.of(accepted)).toBeNull();
    await none.close();
    const ending = ownerBy(unresponsive);
    const answer = ending.of(accepted);
    await expect.poll(() => workers.length).toBe(1);
    await ending.close();
    expect(await answer).toBeNull();
  });
});

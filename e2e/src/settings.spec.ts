import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Schemas } from '@sluice/sdk';
import { unwrap } from '@sluice/sdk';
import { type TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

let system: TestSystem;
let user: TestUser;
const resources: Resource[] = [];

beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
});
afterAll(async () => {
  await user.leave();
  for (const resource of resources) resource.close();
});

/** A server with settings of its own, reached by the user. */
async function serve(
  onConnection: (socket: Socket) => void,
  change: Partial<Omit<Schemas['Server'], 'settings'>> & { settings?: Partial<Schemas['Server']['settings']> },
): Promise<{ port: number; server: Schemas['Server'] }> {
  const resource = await Resource.serve(onConnection);
  resources.push(resource);
  const added = await system.addServer(resource.port);
  const body = { version: added.version, ...change };
  const server = await unwrap(system.admin.PATCH('/api/v1/servers/{id}', { params: { path: { id: added.id } }, body }));
  await system.grant([user], [server]);
  return { port: await user.connect(server.name), server };
}

/** Connects and talks once; resolves with the echo, or with the error that came instead. */
function talk(port: number): Promise<{ socket: Socket; said: string }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('hello'));
    socket.once('data', (said) => resolve({ socket, said: said.toString() }));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ socket, said: error.code ?? '' }));
  });
}

const closed = (socket: Socket) => new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));

describe('a session ends', () => {
  it('as idle once it has carried nothing for the idle time, and not while it carries data', async () => {
    const { port, server } = await serve(echo, { settings: { idleTimeoutSeconds: 2 } });
    const { socket } = await talk(port);
    for (let i = 0; i < 6; i++) {
      await sleep(600); // time is what is tested: all pauses together exceed the idle time, a single one does not
      socket.write('more');
    }
    expect(socket.destroyed).toBe(false);
    const quietSince = performance.now();
    const waited = (await closed(socket)) - quietSince;
    expect(waited).toBeGreaterThan(1900);
    const [record] = await system.recordsWhen(server.id, (found) => found[0]?.state === 'final');
    expect(record).toMatchObject({ endReason: 'idle', outcome: 'completed', bytesUp: 29, bytesDown: 29, exactness: 'at most' });
  });

  it('as maximum length once that time is over, however busy it is', async () => {
    const { port, server } = await serve(echo, { settings: { maxSessionSeconds: 2 } });
    const { socket } = await talk(port);
    const timer = setInterval(() => socket.write('busy'), 50);
    await closed(socket);
    clearInterval(timer);
    const [record] = await system.recordsWhen(server.id, (found) => found[0]?.state === 'final');
    expect(record).toMatchObject({ endReason: 'maximum length', outcome: 'completed' });
    expect(record?.durationMs).toBeGreaterThanOrEqual(2000);
  });

  it('that is already running, when its server gets an idle time', async () => {
    const { port, server } = await serve(echo, {});
    const { socket } = await talk(port);
    const body = { version: server.version, settings: { idleTimeoutSeconds: 1 } };
    await unwrap(system.admin.PATCH('/api/v1/servers/{id}', { params: { path: { id: server.id } }, body }));
    await closed(socket);
    const [record] = await system.recordsWhen(server.id, (found) => found[0]?.state === 'final');
    expect(record?.endReason).toBe('idle');
  });
});

it('aborts a dial after the dial timeout of the server', async () => {
  // a stopped process with a full accept queue: the kernel leaves further SYNs unanswered
  const script = `require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})`;
  const silent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const fill: Socket[] = [];
  try {
    const port = Number(await new Promise<Buffer>((resolve) => silent.stdout.once('data', resolve)));
    silent.kill('SIGSTOP');
    for (let i = 0; i < 8; i++) fill.push(connect(port, '127.0.0.1').on('error', () => undefined));
    await expect.poll(() => fill.filter((socket) => !socket.connecting).length).toBeGreaterThanOrEqual(2);
    const added = await system.addServer(port);
    const body = { version: added.version, settings: { dialTimeoutSeconds: 1 } };
    const server = await unwrap(system.admin.PATCH('/api/v1/servers/{id}', { params: { path: { id: added.id } }, body }));
    await system.grant([user], [server]);
    const { said } = await talk(await user.connect(server.name));
    expect(said).toBe('ECONNRESET');
    const [record] = await system.recordsWhen(server.id, (found) => found[0]?.endReason === 'dial timeout');
    expect(record).toMatchObject({ outcome: 'failed', message: expect.stringContaining('no answer within 1 s') as string });
  } finally {
    for (const socket of fill) socket.destroy();
    silent.kill('SIGKILL');
  }
});

it('limits the sessions of a server, and the record has the reason', async () => {
  const { port, server } = await serve(echo, { settings: { sessionsPerServer: 2 } });
  const [one, two] = [await talk(port), await talk(port)];
  const three = await talk(port);
  expect([one.said, two.said, three.said]).toEqual(['hello', 'hello', 'ECONNRESET']);
  one.socket.destroy();
  await system.recordsWhen(server.id, (found) => found.some((record) => record.endReason === 'client closed'));
  expect((await talk(port)).said).toBe('hello');
  two.socket.destroy();
  const records = await system.recordsWhen(server.id, (found) => found.some((record) => record.outcome === 'refused'));
  expect(records.find((record) => record.outcome === 'refused')).toMatchObject({
    endReason: 'limit reached',
    message: `${server.name} has 2 sessions at this relay, which is the limit`,
  });
});

it("sends the client's address by PROXY protocol v2 before the first byte, if the server is configured for it", async () => {
  const heads: Buffer[] = [];
  const { port, server } = await serve(
    (socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        if (all.length < 28 + 5) return; // a health check sends LOCAL and nothing more
        heads.push(all.subarray(0, 28));
        socket.end(all.subarray(28));
      });
    },
    { proxyProtocol: true },
  );
  expect((await talk(port)).said).toBe('hello');
  const [head] = heads as [Buffer];
  const [record] = await system.recordsWhen(server.id, (found) => found[0]?.state === 'final');
  expect(head.subarray(0, 16).toString('hex')).toBe('0d0a0d0a000d0a515549540a2111000c');
  expect(`${head.subarray(16, 20).join('.')}:${head.readUInt16BE(24)}`).toBe(record?.clientAddress);
  expect(`${head.subarray(20, 24).join('.')}:${head.readUInt16BE(26)}`).toBe(record?.dialledAddress);
  expect(record).toMatchObject({ bytesUp: 5, bytesDown: 5, exactness: 'exact' }); // the header is not payload
});

describe('settings', () => {
  it('are rejected one by one, with the rule', async () => {
    const added = await system.addServer(1);
    const ask = async (settings: Partial<Schemas['Server']['settings']>) => {
      const params = { path: { id: added.id } };
      return system.admin.PATCH('/api/v1/servers/{id}', { params, body: { version: added.version, settings } });
    };
    for (const [field, value, range] of [
      ['dialTimeoutSeconds', 0, 'from 1 to 120'],
      ['dialTimeoutSeconds', 121, 'from 1 to 120'],
      ['idleTimeoutSeconds', -1, 'from 1 to 2592000, or 0 for none'],
      ['maxSessionSeconds', 1.5, 'from 1 to 2592000, or 0 for none'],
      ['keepAliveSeconds', 3601, 'from 1 to 3600, or 0 for none'],
      ['sessionsPerServer', 1e7, 'from 1 to 1000000, or 0 for none'],
    ] as const) {
      const { error } = await ask({ [field]: value });
      expect(error).toMatchObject({ code: 'setting_invalid', field, value: String(value) });
      expect(JSON.stringify(error)).toContain(`${field} is a whole number ${range}`);
    }
  });

  it('of a server override those of the organization, and can be reset', async () => {
    const added = await system.addServer(1);
    await user.run('status');
    const admin = await system.addUser('administrator');
    const shown = await admin.mustRun('admin', 'servers', 'update', added.name, '--idle-timeout', '90', '--tcp-nodelay', 'off');
    expect(shown).toContain('idle-timeout 90, tcp-nodelay off');
    const back = await admin.mustRun(
      'admin',
      'servers',
      'update',
      added.name,
      '--idle-timeout',
      'default',
      '--tcp-nodelay',
      'default',
    );
    expect(back).toContain("none (the organization's apply)");
    const wrong = await admin.run('admin', 'servers', 'update', added.name, '--idle-timeout', 'soon');
    expect(wrong).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--idle-timeout is a whole number (it is "soon")') as string,
    });
    await admin.leave();
  });
});

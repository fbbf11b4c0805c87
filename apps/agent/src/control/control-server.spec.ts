import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeKeyPair } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AgentConfig } from '../config.js';
import { storeLogin, prepareConfigHome } from '../login/stored-login.js';
import { askAgent } from './control-client.js';
import { StatusReply } from './control-messages.js';

const command = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-control-'));
const config = new AgentConfig({ SLUICE_CONFIG_HOME: folder });
let agent: ChildProcess;
let log = '';

/** A whole agent whose gateway is unreachable. */
beforeAll(async () => {
  prepareConfigHome(config);
  const authority = await createAuthority('test', new Date());
  const pair = makeKeyPair();
  const identity = { kind: 'account' as const, organizationId: 'o', accountId: 'a', loginId: 'l' };
  const { certificatePem, expiresAt } = await issueCertificate(
    authority,
    identity,
    createPublicKey(pair.publicPem),
    new Date(),
    3_600_000,
  );
  storeLogin(config, {
    server: 'http://127.0.0.1:1',
    token: 'token',
    expiresAt: expiresAt.toISOString(),
    account: { id: 'a', email: 'a@example.test', apiRole: 'user' },
    privateKey: pair.privatePem,
    certificate: certificatePem,
    certificateExpiresAt: expiresAt.toISOString(),
    ca: authority.certificatePem,
  });
  agent = spawn(process.execPath, [command, 'agent', 'run'], {
    env: { ...process.env, SLUICE_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  agent.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await vi.waitUntil(() => existsSync(config.controlSocket), { timeout: 20_000 });
}, 30_000);
afterAll(async () => {
  agent.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a connection, sends the pieces, and returns all that is received until it closes. */
async function exchange(...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(config.controlSocket);
  socket.on('error', () => undefined);
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  for (const piece of pieces) socket.write(piece);
  await new Promise((resolve) => socket.once('close', resolve));
  return received;
}

const status = () => askAgent(config.controlSocket, 'status', {}, StatusReply);
const post = (body: string, more = '') =>
  `POST /connect HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

it.each([
  ['bytes that are no HTTP', [Buffer.alloc(4000, 0xff)]],
  ['a line without an end', ['POST /status'.padEnd(100_000, 'x')]],
  ['a header without an end', [`POST /status HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`]],
  ['a body that is no JSON', [post('{"names": [')]],
  ['JSON of another shape', [post('{"names": {"length": 1}, "__proto__": {"port": 1}}')]],
  ['JSON nested deeply', [post('['.repeat(60_000))]],
  ['a body that is too long', [post(`"${'x'.repeat(200_000)}"`)]],
  ['two lengths', [post('{}', 'Content-Length: 5\r\n')]],
  ['a chunk of no length', ['POST /status HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n']],
  ['an unknown command', ['POST /../stop HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n']],
] as [string, (string | Buffer)[]][])('still answers other commands after %s', async (_, pieces) => {
  expect(await exchange(...pieces)).not.toContain(' 200 ');
  expect((await status()).account).toBe('a@example.test');
});

it('closes a connection that never completes its command', async () => {
  const received = await exchange('POST /status HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
  expect(received).not.toContain(' 200 ');
}, 15_000);

it('answers while hundreds of connections send nothing', async () => {
  const silent: Socket[] = [];
  for (let i = 0; i < 400; i++) {
    const socket = connect(config.controlSocket).on('error', () => undefined);
    silent.push(socket);
    await once(socket, 'connect');
  }
  expect((await status()).account).toBe('a@example.test');
  expect(silent.filter((socket) => !socket.destroyed && socket.readable).length).toBeLessThan(400);
  for (const socket of silent) socket.destroy();
});

it('cannot be taken over by a second agent, even while the first does not respond', async () => {
  agent.kill('SIGSTOP');
  const env = { ...process.env, SLUICE_CONFIG_HOME: folder, NO_COLOR: '1' };
  const second = spawnSync(process.execPath, [command, 'agent', 'run'], { env, encoding: 'utf8', timeout: 15_000 });
  agent.kill('SIGCONT');
  expect(second.stderr).toBe('sluice: an agent is running already; `sluice agent stop` ends it\n');
  expect(second.status).toBe(1);
  expect((await status()).account).toBe('a@example.test');
}, 20_000);

it('cannot be reached by other users of the machine', () => {
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(config.controlSocket).mode & 0o777).toBe(0o600);
  const script = `require('net').connect(${JSON.stringify(config.controlSocket)}).on('error', (e) => console.log(e.code)).on('connect', () => process.exit(1))`;
  const nobody = spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script], {
    encoding: 'utf8',
  });
  if (process.getuid?.() === 0) expect(nobody.stdout.trim()).toBe('EACCES');
});

it('whose response is not understood is said to be of another release, with what to do', async () => {
  const ofANewerRelease = StatusReply.extend({ mood: z.string() });
  await expect(askAgent(config.controlSocket, 'status', {}, ofANewerRelease)).rejects.toThrow(
    /^the agent that is running is of another release: `sluice agent stop`, and connect again$/,
  );
});

it('logs that it has stopped, and why', async () => {
  const closed = once(agent, 'close');
  agent.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
  const last = JSON.parse(log.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  expect(last).toMatchObject({ msg: 'the agent has stopped', why: 'SIGTERM' });
});

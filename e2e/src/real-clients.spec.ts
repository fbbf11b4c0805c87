import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createServer } from 'node:tls';
import { freePort } from '@sluice/embedded';
import { until } from '@sluice/process';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

const run = promisify(execFile);
let system: TestSystem;
let user: TestUser;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
});
afterAll(async () => {
  await user.leave();
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

/** Brings a local port within the user's reach. @returns the port at which the user's agent listens, and the server's id */
async function reach(port: number): Promise<{ port: number; id: string }> {
  const server = await system.addServer(port);
  await system.grant([user], [server]);
  return { port: await user.connect(server.name), id: server.id };
}

it('carries redis-cli, with a pipeline of ten thousand commands', async () => {
  const port = await freePort();
  const redis: ChildProcess = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  );
  cleanUps.push(() => redis.kill());
  await until(
    () =>
      new Promise((resolve) =>
        connect(port, '127.0.0.1')
          .once('connect', () => resolve(true))
          .once('error', () => resolve(false)),
      ),
  );
  const local = await reach(port);
  expect((await run('redis-cli', ['-p', String(local.port), 'set', 'word', 'sluice'])).stdout.trim()).toBe('OK');
  expect((await run('redis-cli', ['-p', String(local.port), 'get', 'word'])).stdout.trim()).toBe('sluice');
  const pipe = run('redis-cli', ['-p', String(local.port), '--pipe']);
  pipe.child.stdin?.end(Array.from({ length: 10_000 }, (_, i) => `SET key:${i} value:${i}\r\n`).join(''));
  expect((await pipe).stdout).toContain('errors: 0, replies: 10000');
  expect((await run('redis-cli', ['-p', String(local.port), 'dbsize'])).stdout.trim()).toBe('10001');
});

it('passes TLS untouched: openssl verifies the chain and the name of the real server', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-tls-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=db.example.test', '-addext', 'subjectAltName=DNS:db.example.test', '-days', '2'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, ...subject],
    { stdio: 'ignore' },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) =>
    socket.on('error', () => undefined).write('hello over tls\n'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => server.close());
  const local = await reach((server.address() as { port: number }).port);
  const verify = (name: string) => {
    const checks = ['-CAfile', cert, '-verify_return_error', '-verify_hostname', name, '-servername', name];
    const client = run('openssl', ['s_client', '-connect', `127.0.0.1:${local.port}`, ...checks]);
    client.child.stdout?.on('data', (chunk: string) => chunk.includes('hello over tls') && client.child.stdin?.end());
    return client;
  };
  const { stdout } = await verify('db.example.test');
  expect(stdout).toContain('Verify return code: 0 (ok)');
  expect(stdout).toContain('hello over tls');
  const fingerprint = (pem: string) =>
    createHash('sha256')
      .update(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
      .digest('hex');
  expect(fingerprint(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(stdout)?.[0] ?? '')).toBe(
    fingerprint(readFileSync(cert, 'utf8')),
  );
  await expect(verify('other.example.test')).rejects.toThrow();
});

it('carries nc, which ends its half and still receives the response', async () => {
  const resource = await Resource.serve((socket) => {
    let got = '';
    socket.on('data', (chunk) => (got += chunk.toString()));
    socket.on('end', () => setTimeout(() => socket.end(`you said ${got}`), 200));
  });
  cleanUps.push(() => resource.close());
  const local = await reach(resource.port);
  const nc = run('nc', ['-N', '-w', '5', '127.0.0.1', String(local.port)]);
  nc.child.stdin?.end('hello');
  expect((await nc).stdout).toBe('you said hello');
});

it('carries 64 MiB each way with equal hashes, over twenty sessions at once', async () => {
  const resource = await Resource.serve(echo);
  cleanUps.push(() => resource.close());
  const local = await reach(resource.port);
  const bytes = randomBytes(1 << 20);
  const one = (mebibytes: number) =>
    new Promise<{ sent: string; got: string }>((resolve, reject) => {
      const [sent, got] = [createHash('sha256'), createHash('sha256')];
      const socket: Socket = connect({ port: local.port, host: '127.0.0.1', allowHalfOpen: true });
      let left = mebibytes;
      const push = () => {
        while (left > 0) {
          left--;
          sent.update(bytes);
          if (!socket.write(bytes)) return void socket.once('drain', push);
        }
        socket.end();
      };
      socket.on('connect', push).on('error', reject);
      socket.on('data', (chunk) => got.update(chunk));
      socket.on('end', () => resolve({ sent: sent.digest('hex'), got: got.digest('hex') }));
    });
  const all = await Promise.all([one(64), ...Array.from({ length: 19 }, () => one(2))]);
  for (const { sent, got } of all) expect(got).toBe(sent);
  const records = await system.recordsWhen(
    local.id,
    (found) => found.length === 20 && found.every((record) => record.state === 'final'),
  );
  expect(records.map((record) => record.bytesUp).sort()).toEqual(records.map((record) => record.bytesDown).sort());
  expect(Math.max(...records.map((record) => record.bytesUp ?? 0))).toBe(64 << 20);
});

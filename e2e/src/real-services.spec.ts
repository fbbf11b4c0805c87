import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '@sluice/embedded';
import type { Schemas } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from './system.js';

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-services-'));
const children: ChildProcess[] = [];
let system: TestSystem;
let user: TestUser;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  system = await sharedSystem();
  user = await system.addUser();
});
afterAll(async () => {
  await Promise.all(
    children.map((child) => {
      if (child.exitCode !== null || child.signalCode !== null) return undefined;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 20_000).unref();
      return ended;
    }),
  );
  await user.leave();
  rmSync(folder, { recursive: true, force: true });
});

/** Whether all of these programs are installed. */
function have(...programs: string[]): boolean {
  try {
    for (const program of programs) execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts a service and waits until it listens. */
async function start(port: number, command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  children.push(child);
  for (let tries = 0; tries < 600; tries++) {
    const there = await new Promise((resolve) =>
      connect(port, '127.0.0.1')
        .once('connect', function (this: { destroy(): void }) {
          this.destroy();
          resolve(true);
        })
        .once('error', () => resolve(false)),
    );
    if (there) return;
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
    await sleep(100); // then it tries again: nothing else shows that a program listens
  }
  throw new Error(`${command} does not listen at ${port}`);
}

/** A server for a port, connected for the user. */
async function reach(port: number): Promise<{ local: number; server: Schemas['Server'] }> {
  const server = await system.addServer(port);
  await system.grant([user], [server]);
  return { local: await user.connect(server.name), server };
}

/**
 * Every session so far ended with exact and equal counts.
 * @param reset how sessions may end too, because this client or service resets what it closes: what was read of those nobody can know
 */
async function allExact(server: Schemas['Server'], atLeast: number, reset?: 'client reset' | 'resource reset'): Promise<void> {
  const records = await system.recordsWhen(
    server.id,
    (found) => found.length >= atLeast && found.every((record) => record.state === 'final'),
    30_000,
  );
  expect(records.filter((record) => record.outcome !== 'completed')).toEqual([]);
  for (const { endReason, exactness, countsDiffer } of records) {
    if (endReason === reset) expect(exactness).toBe('at most');
    else expect([endReason, exactness]).toEqual([expect.stringMatching(/closed$/), 'exact']);
    expect(countsDiffer).toBe(false);
  }
}

describe.skipIf(!have('redis-server', 'redis-benchmark'))('redis-benchmark', () => {
  it('completes, with and without a pipeline', async () => {
    const port = await freePort();
    await start(port, 'redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    const { local, server } = await reach(port);
    for (const pipeline of ['1', '64']) {
      const args = ['-p', String(local), '-c', '20', '-n', '5000', '-P', pipeline, '-t', 'set,get,lpush,lrange_100', '--csv'];
      const { stdout } = await run('redis-benchmark', args);
      expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(4);
    }
    await allExact(server, 40, 'client reset');
  });
});

describe.skipIf(!have('mosquitto', 'mosquitto_pub', 'mosquitto_sub'))('MQTT', () => {
  it('delivers a thousand messages of assured delivery from one client to another', async () => {
    const port = await freePort();
    const config = path.join(folder, 'mosquitto.conf');
    const log = path.join(folder, 'mosquitto.log');
    const logging = `log_dest file ${log}\nlog_type subscribe\n`;
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n${logging}`);
    await start(port, 'mosquitto', ['-c', config]);
    const { local } = await reach(port);
    const at = ['-h', '127.0.0.1', '-p', String(local), '-q', '2', '-t', 'sluice'];
    const subscriber = run('mosquitto_sub', [...at, '-C', '1000', '-W', '60']);
    await expect.poll(() => readFileSync(log, 'utf8'), { timeout: 10_000 }).toContain(' 2 sluice');
    const publisher = run('mosquitto_pub', [...at, '-l']);
    const messages = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
    publisher.child.stdin?.end(`${messages.join('\n')}\n`);
    await publisher;
    expect((await subscriber).stdout.trim().split('\n')).toEqual(messages);
  });
});

const RABBIT = '/usr/lib/rabbitmq/bin/rabbitmq-server';
describe.skipIf(!have(RABBIT, 'amqp-publish', 'amqp-get', 'epmd'))('AMQP', () => {
  it('stores messages in a queue and returns them', async () => {
    const [port, distribution, mapper] = await Promise.all([freePort(), freePort(), freePort()]);
    const home = path.join(folder, 'rabbit');
    mkdirSync(home);
    writeFileSync(path.join(home, 'plugins'), '[].\n');
    await start(mapper, 'epmd', ['-port', String(mapper)]); // otherwise RabbitMQ would start one that keeps running
    await start(port, RABBIT, [], {
      HOME: home,
      ERL_EPMD_PORT: String(mapper),
      RABBITMQ_NODENAME: `sluice${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: home,
      RABBITMQ_LOG_BASE: home,
      RABBITMQ_ENABLED_PLUGINS_FILE: path.join(home, 'plugins'),
      RABBITMQ_PID_FILE: path.join(home, 'pid'),
      RABBITMQ_CONFIG_FILE: path.join(home, 'none'),
    });
    const { local, server } = await reach(port);
    const url = ['--url', `amqp://guest:guest@127.0.0.1:${local}`];
    await run('amqp-declare-queue', [...url, '-q', 'sluice']);
    const body = randomBytes(20_000).toString('hex');
    for (let i = 0; i < 20; i++) await run('amqp-publish', [...url, '-r', 'sluice', '-b', `${i} ${body}`]);
    for (let i = 0; i < 20; i++) expect((await run('amqp-get', [...url, '-q', 'sluice'])).stdout).toBe(`${i} ${body}`);
    await allExact(server, 41, 'resource reset');
  });
});

describe.skipIf(!have('/usr/sbin/sshd', 'ssh', 'scp', 'rsync', 'ssh-keygen'))('ssh', () => {
  it('runs a command, copies a file there and back, and mirrors a folder', async () => {
    const port = await freePort();
    const keys = path.join(folder, 'keys');
    mkdirSync(keys, { mode: 0o700 });
    mkdirSync('/run/sshd', { recursive: true });
    for (const name of ['host', 'me']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(keys, name)]);
    const config = path.join(keys, 'sshd_config');
    const lines = [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${keys}/host`, `AuthorizedKeysFile ${keys}/me.pub`];
    const more = [
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PidFile none',
      'Subsystem sftp internal-sftp',
    ];
    writeFileSync(config, [...lines, ...more, ''].join('\n'));
    await start(port, '/usr/sbin/sshd', ['-D', '-f', config]);
    const { local, server } = await reach(port);
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${keys}/known`, 'BatchMode=yes', `IdentityFile=${keys}/me`];
    const asOptions = options.flatMap((option) => ['-o', option]);
    const { stdout } = await run('ssh', [...asOptions, '-p', String(local), '127.0.0.1', 'echo through the tunnel']);
    expect(stdout).toBe('through the tunnel\n');

    const files = path.join(folder, 'files');
    mkdirSync(files);
    for (let i = 0; i < 50; i++) writeFileSync(path.join(files, `file-${i}`), randomBytes(1000 * i));
    const big = path.join(folder, 'big');
    writeFileSync(big, randomBytes(20 << 20));
    await run('scp', ['-q', ...asOptions, '-P', String(local), big, `127.0.0.1:${big}-there`]);
    await run('scp', ['-q', ...asOptions, '-P', String(local), `127.0.0.1:${big}-there`, `${big}-back`]);
    const sum = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(sum(`${big}-back`)).toBe(sum(big));
    const shell = ['ssh', ...asOptions, '-p', String(local)].join(' ');
    await run('rsync', ['-a', '-e', shell, `${files}/`, `127.0.0.1:${files}-mirror/`]);
    for (const name of readdirSync(files)) expect(sum(path.join(`${files}-mirror`, name))).toBe(sum(path.join(files, name)));
    await allExact(server, 4);
  });
});

describe.skipIf(!have('nginx', 'wrk', 'openssl'))('nginx with TLS', () => {
  it('serves wrk for seconds without one failed request', async () => {
    const port = await freePort();
    const [key, certificate, config] = ['nginx.key', 'nginx.pem', 'nginx.conf'].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' });
    const body = path.join(folder, 'body.bin');
    writeFileSync(body, randomBytes(30_000));
    writeFileSync(
      config,
      `daemon off; pid ${folder}/nginx.pid; error_log stderr crit; events {} http { access_log off; client_body_temp_path ${folder}/t1;
       proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3; uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
       server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key}; root ${folder}; } }`,
    );
    await start(port, 'nginx', ['-c', config, '-g', 'user root;']);
    const { local, server } = await reach(port);
    const { stdout } = await run('wrk', ['-t', '1', '-c', '20', '-d', '4s', `https://127.0.0.1:${local}/body.bin`]);
    expect(stdout).toMatch(/\d+ requests in/);
    expect(stdout).not.toContain('Socket errors');
    expect(stdout).not.toContain('Non-2xx');
    const records = await system.recordsWhen(
      server.id,
      (found) => found.filter((record) => record.state === 'final').length >= 20,
      30_000,
    );
    expect(records.reduce((sum, record) => sum + (record.bytesDown ?? 0), 0)).toBeGreaterThan(1_000_000);
  });
});

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server as TcpServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@sluice/embedded';
import { until } from '@sluice/process';
import { unwrap } from '@sluice/sdk';
import { testFolder } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canMakeNamespaces, Namespace } from './namespace.js';
import { Scene } from './scene.js';

/**
 * An hour of checks with the default interval against services that block hosts, in a minute: interval, budget and the time over
 * which the counter counts are a sixtieth. `SLUICE_TEST_HEALTH_SCALE=1` takes the hour.
 */
const SCALE = Number(process.env['SLUICE_TEST_HEALTH_SCALE'] ?? 60);
const HOUR_MS = 3_600_000 / SCALE;
const SETTINGS = { checkIntervalSeconds: Math.round(300 / SCALE), checkBudgetSeconds: Math.max(1, Math.round(10 / SCALE)) };
const TEST_MS = HOUR_MS + 120_000;

const have = (...files: string[]): boolean => files.every((file) => isThere(file));
function isThere(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const children: ChildProcess[] = [];
let scene: Scene;
let folder: string;
beforeAll(async () => {
  folder = testFolder('bans');
  scene = await Scene.start();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await scene.end();
  rmSync(folder, { recursive: true, force: true });
});

const show = async (id: string) =>
  (await unwrap(scene.system.admin.GET('/api/v1/servers/{id}', { params: { path: { id } } }))).health;

const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe.skipIf(!canMakeNamespaces || !have('mariadbd', 'mariadb-install-db', 'mariadb'))(
  'MariaDB that blocks a host after ten errors',
  () => {
    const HERE = '10.206.1.1';
    const THERE = '10.206.1.2';
    const MAX_ERRORS = 10;
    let namespace: Namespace;
    let hosts: string;
    let port: number;
    let socketFile: string;

    beforeAll(async () => {
      const name = `hb${process.pid.toString(36)}`;
      hosts = `/etc/netns/${name}`; // MariaDB counts only hosts that it can name, and none of its own loopback
      mkdirSync(hosts, { recursive: true });
      writeFileSync(path.join(hosts, 'hosts'), `127.0.0.1 localhost\n${HERE} relay.test\n`);
      namespace = new Namespace(name);
      namespace.join(`${HERE}/24`, `${THERE}/24`);
      port = await freePort();
      const data = path.join(folder, 'mariadb');
      socketFile = path.join(folder, 'mariadb.sock');
      execFileSync(
        'mariadb-install-db',
        ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--user=root'],
        {
          stdio: 'ignore',
        },
      );
      const options = [`--datadir=${data}`, `--socket=${socketFile}`, `--port=${port}`, '--bind-address=0.0.0.0', '--user=root'];
      const [command, ...prefix] = namespace.prefix as [string, ...string[]];
      const counting = [`--max-connect-errors=${MAX_ERRORS}`, '--performance-schema=ON'];
      children.push(spawn(command, [...prefix, 'mariadbd', '--no-defaults', ...options, ...counting], { stdio: 'ignore' }));
      await until(() => Promise.resolve(isUp()), AbortSignal.timeout(60_000), 200);
      sql("create user app@'%' identified by 'secret'");
    }, 90_000);
    afterAll(() => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
      namespace.remove();
      rmSync(hosts, { recursive: true, force: true });
    });

    const sql = (text: string): string =>
      execFileSync('mariadb', ['--no-defaults', '-S', socketFile, '-u', 'root', '-N', '-e', text], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .toString()
        .trim();
    const isUp = (): boolean => {
      try {
        return sql('select 1') === '1';
      } catch {
        return false;
      }
    };
    const errors = (): number[] =>
      sql(`select sum_connect_errors, count_host_blocked_errors from performance_schema.host_cache where ip = '${HERE}'`)
        .split('\t')
        .map(Number);
    const denied = (): number => Number(sql("show global status like 'Access_denied_errors'").split('\t')[1]);

    it(
      'blocks nobody within an hour of checks in both modes, and is healthy all the time',
      async () => {
        const servers = await Promise.all(
          (['connect', 'greeting'] as const).map((check) =>
            scene.system.addServer(port, { hostname: THERE, check, settings: SETTINGS }),
          ),
        );
        await sleep(HOUR_MS);
        expect(denied()).toBeGreaterThan(20); // twelve checks of each, and a few of the intervals are shorter
        console.log(`MariaDB: ${denied()} checks, connect errors and blocked connections of the relay: ${errors().join(', ')}`);
        expect(errors()).toEqual([0, 0]);
        for (const { id } of servers) expect(await show(id)).toMatchObject({ state: 'healthy' });

        for (let i = 0; i <= MAX_ERRORS; i++) await connects(THERE, port); // as checks would that only connect and close
        await expect.poll(() => errors()[0], { timeout: 10_000 }).toBeGreaterThanOrEqual(MAX_ERRORS);
        const [, greeting] = servers as [unknown, (typeof servers)[number]];
        await expect
          .poll(async () => (await show(greeting.id)).nodes[0]?.lastError, { timeout: 60_000 / SCALE + 30_000 })
          .toMatch(/^rejected by the service \(.*MySQL error 1129\)$/);
      },
      TEST_MS,
    );
  },
);

/** Lets connections through to a port, and bans everybody after five within ten minutes: here none of them ever signs in. */
class Counter {
  readonly times: number[] = [];
  banned = false;
  private constructor(readonly server: TcpServer) {}

  static async before(port: number): Promise<Counter> {
    const server = createServer();
    const counter = new Counter(server);
    server.on('connection', (socket) => {
      counter.times.push(Date.now());
      counter.banned ||= counter.most(600_000 / SCALE) >= 5;
      if (counter.banned) return void socket.resetAndDestroy();
      const inner = connect(port, '127.0.0.1');
      inner.on('error', () => socket.destroy()).pipe(socket);
      socket.on('error', () => inner.destroy()).pipe(inner);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return counter;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** The most connections within so many milliseconds. */
  most(within: number): number {
    return Math.max(...this.times.map((from) => this.times.filter((at) => at >= from && at < from + within).length));
  }
}

describe.skipIf(!have('/usr/sbin/sshd', 'ssh-keygen'))(
  'sshd behind a counter that bans after five bad connections within ten minutes',
  () => {
    it(
      'bans nobody within an hour of checks, and is healthy all the time',
      async () => {
        const port = await freePort();
        mkdirSync('/run/sshd', { recursive: true });
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(folder, 'host')]);
        const config = path.join(folder, 'sshd_config');
        writeFileSync(
          config,
          [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${folder}/host`, 'UsePAM no', 'PidFile none', ''].join('\n'),
        );
        children.push(spawn('/usr/sbin/sshd', ['-D', '-f', config], { stdio: 'ignore' }));
        await until(() => connects('127.0.0.1', port), AbortSignal.timeout(20_000), 100);
        const counter = await Counter.before(port);
        const server = await scene.system.addServer(counter.port, { check: 'greeting', settings: SETTINGS });
        await sleep(HOUR_MS);
        const most = counter.most(600_000 / SCALE);
        console.log(`sshd: ${counter.times.length} checks, at most ${most} within ten minutes`);
        expect(counter.times.length).toBeGreaterThan(10);
        expect([counter.banned, most <= 4]).toEqual([false, true]);
        expect(await show(server.id)).toMatchObject({ state: 'healthy' });
        for (let i = 0; i < 5; i++) await connects('127.0.0.1', counter.port);
        await expect.poll(() => counter.banned).toBe(true);
        counter.server.close();
      },
      TEST_MS,
    );
  },
);

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Schemas } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

const run = promisify(execFile);

/** Whether the agent can be shown a machine without Perl: a mount of its own needs root. */
const canHidePerl = (() => {
  try {
    return execFileSync('unshare', ['--mount', 'sh', '-c', `${hidden('echo hidden')}`]).toString() === 'hidden\n';
  } catch {
    return false;
  }
})();

/** A shell command that runs another one where `perl` is of no use. */
function hidden(command: string): string {
  return `mount --bind /bin/false /usr/bin/perl && exec ${command}`;
}

/** A machine of its own, as far as processes go, that systemd has booted, and an instance of it for this user. */
const SYSTEMD = `mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/user/0 && export XDG_RUNTIME_DIR=/run/user/0
  /lib/systemd/systemd --user --unit=basic.target >/dev/null 2>&1 &
  while kill -0 $! && ! systemctl --user show-environment >/dev/null 2>&1; do sleep 0.1; done; systemctl --user show-environment >/dev/null`;
const inNamespace = (script: string): string[] => [
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  'bash',
  '-c',
  script,
];
const hasSystemd = (() => {
  try {
    execFileSync('unshare', inNamespace(SYSTEMD), { stdio: 'ignore', timeout: 20_000 });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();
if (!hasSystemd) console.log('skipped: no systemd that can be started here');

/** The agent as its package installs it, on a machine that has Node, no checkout, and no registry of packages. */
const place = mkdtempSync(path.join(tmpdir(), 'sluice-installed-'));
const command = path.join(place, 'prefix', 'bin', 'sluice');
const root = path.join(import.meta.dirname, '..', '..');
const env = {
  // without the folders that npm adds: the Node of this machine, and not the one that comes with the checkout
  PATH: (process.env['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.startsWith(root))
    .join(':'),
  HOME: path.join(place, 'home'),
  NO_COLOR: '1',
  npm_config_registry: 'http://127.0.0.1:1/',
  npm_config_update_notifier: 'false',
};
const sluice = async (...args: string[]) => (await run(command, args, { env, cwd: place, timeout: 60_000 })).stdout;

let system: TestSystem;
let user: TestUser;
let resource: Resource;
let server: Schemas['Server'];
let port: number;
let foreground: ChildProcess | undefined;

beforeAll(async () => {
  mkdirSync(env.HOME);
  system = await sharedSystem();
  user = await system.addUser();
  resource = await Resource.serve(echo);
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
});
afterAll(async () => {
  await sluice('agent', 'stop').catch(() => undefined);
  foreground?.kill('SIGKILL');
  resource.close();
  await user.leave();
  rmSync(place, { recursive: true });
});

const say = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    socket
      .on('data', (chunk) => (received += String(chunk)))
      .on('end', () => resolve(received))
      .on('error', reject);
  });

it('is installed by the command that the gateway shows, and says its version', async () => {
  const page = await (await fetch(`${system.handle.url}/install`)).text();
  const shown = /npm (i -g \S+)$/m.exec(page)?.[1]?.split(' ') ?? [];
  await run('npm', [...shown, '--prefix', path.join(place, 'prefix')], { env, cwd: place, timeout: 60_000 });
  expect(page).toContain(`Sluice agent ${(await sluice('--version')).trim()}\n`);
});

it('signs in, connects and carries, with nothing from outside its folder', async () => {
  await sluice('login', '--server', system.handle.url, '--email', user.email, '--password-file', user.passwordFile);
  const { results } = JSON.parse(await sluice('connect', server.name, '--json')) as { results: { address: string }[] };
  port = Number(results[0]?.address.split(':').at(-1));
  expect(await say('over the installed agent')).toBe('over the installed agent');
  const log = readFileSync(path.join(env.HOME, '.config', 'sluice', 'agent.log'), 'utf8');
  const { pid } = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { pid: number; msg: string })
    .find(({ msg }) => msg === 'the agent has started') as { pid: number };
  const loaded = readFileSync(`/proc/${pid}/maps`, 'utf8').match(/\/\S+\.node$/gm) ?? [];
  const main = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] as string;
  expect(loaded.length).toBeGreaterThan(0);
  expect(readlinkSync(`/proc/${pid}/exe`)).not.toContain(root);
  for (const file of [main, ...loaded]) expect(file).toContain(path.join(place, 'prefix', 'lib', 'node_modules', 'sluice-agent'));
  await system.recordsWhen(server.id, ([record]) => record?.outcome === 'completed' && record.exactness === 'exact');
});

it.runIf(canHidePerl)('finds the owner of a connection by its worker where there is no Perl', async () => {
  await sluice('agent', 'stop');
  foreground = spawn('unshare', ['--mount', 'sh', '-c', hidden(`${command} agent run`)], { env, cwd: place });
  await new Promise<void>((resolve) => {
    let log = '';
    foreground?.stdout?.on('data', (chunk) => (log += String(chunk)).includes('the agent has started') && resolve());
  });
  expect(await say('without Perl')).toBe('without Perl');
});

it.runIf(hasSystemd)('is run by systemd after `sluice agent install`, until `uninstall`', async () => {
  await sluice('agent', 'stop');
  const steps = [
    `${command} agent install --json | tr -d '\n'; echo`,
    'read -r _', // a connection is open during this
    `${command} agent install --json | tr -d '\n'; echo`,
    `${command} agent stop; ${command} connect ${server.name}; ${command} agent install --json | tr -d '\n'; echo`,
    `${command} agent uninstall --json; systemctl --user is-enabled sluice-agent`,
  ];
  const child = spawn('unshare', inNamespace([SYSTEMD, ...steps].join('\n')), {
    env,
    cwd: place,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const states: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    const state = /"state": "(\w+)"/.exec(line)?.[1];
    if (state === undefined) continue;
    states.push(state);
    if (state !== 'started') continue;
    expect(await say('by systemd')).toBe('by systemd');
    child.stdin.end('\n');
  }
  expect(states).toEqual(['started', 'kept', 'beside']);
  expect(existsSync(path.join(env.HOME, '.config', 'systemd', 'user', 'sluice-agent.service'))).toBe(false);
});

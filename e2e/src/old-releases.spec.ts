import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { unwrap } from '@sluice/sdk';
import { testFolder } from '@sluice/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { chromiumProgram, TestBrowser } from './console/browser.js';
import { Scene } from './scene.js';

const root = path.join(import.meta.dirname, '..', '..');
const execute = promisify(execFile);
const place = testFolder('releases');
let scene: Scene;
let relay: ChildProcess | undefined;

/** Copies a program as another release would be: with other values of the constants in `release.ts`. @returns the copy of its folder */
function asRelease(app: string, folder: string, constants: Record<string, string>): string {
  const copy = path.join(place, `${app}-${Object.values(constants).join('-')}`);
  cpSync(path.join(root, 'apps', app, folder), copy, { recursive: true });
  let replaced = 0;
  for (const name of readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.js'))) {
    const file = path.join(copy, name);
    const text = readFileSync(file, 'utf8').replaceAll(/(\b[A-Z_]+ ?= ?)"0\.1\.0"/g, (whole, left: string) => {
      const constant = constants[left.replace(/ ?= ?$/, '')];
      if (constant === undefined) return whole;
      replaced++;
      return `${left}"${constant}"`;
    });
    writeFileSync(file, text);
  }
  if (replaced < Object.keys(constants).length)
    throw new Error(`${app} does not have these constants: ${JSON.stringify(constants)}`);
  return copy;
}

/** Runs `sluice` of another release with the login of the scene's user. @returns its exit status and what it prints as an error */
async function sluice(constants: Record<string, string>, ...args: string[]): Promise<[number, string]> {
  const main = path.join(asRelease('agent', 'packed/package', constants), 'dist', 'main.js');
  const env = { ...process.env, SLUICE_CONFIG_HOME: scene.user.configHome, NO_COLOR: '1' };
  return execute(process.execPath, [main, ...args], { env, timeout: 60_000 }).then(
    () => [0, ''],
    (error: { code: number; stderr: string }) => [error.code, error.stderr],
  );
}

/** Starts a relay of release 0.0.9 in a folder. @returns it and what it logs */
function startOldRelay(home: string, more: Record<string, string> = {}): { child: ChildProcess; log: () => string } {
  const main = path.join(asRelease('relay', 'bundle', { RELEASE: '0.0.9' }), 'main.js');
  const env = {
    PATH: process.env['PATH'],
    SLUICE_RELAY_HOME: home,
    SLUICE_JOURNAL: 'persistent',
    SLUICE_EGRESS_ALLOW: '127.0.0.0/8',
    ...more,
  };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (log += text.toString()));
  return { child, log: () => log };
}

beforeAll(async () => {
  mkdirSync(place, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(place, 'node_modules'));
  scene = await Scene.start({ restart: false });
});
afterAll(async () => {
  relay?.kill('SIGKILL');
  await scene.end();
  rmSync(place, { recursive: true, force: true });
});

it('refuses a command of a release that is too old, and says which one it needs', async () => {
  expect(await sluice({ RELEASE: '0.0.9' }, 'logins', 'list')).toEqual([
    1,
    'sluice: the client runs 0.0.9: upgrade needed, at least 0.1.0\n',
  ]);
});

it('is refused by a command that needs a newer release, which says so', async () => {
  const [status, said] = await sluice({ RELEASE: '9.1.0', OLDEST_NEIGHBOUR: '9.0.0' }, 'logins', 'list');
  expect([status, said]).toEqual([1, `sluice: ${scene.system.handle.url} runs 0.1.0: upgrade needed, at least 9.0.0\n`]);
});

it('does not enrol a relay that is too old, which ends with the reason', async () => {
  const { token } = await unwrap(scene.system.admin.POST('/api/v1/nodes/tokens', { body: {} }));
  const { child, log } = startOldRelay(path.join(place, 'new-relay'), { SLUICE_ENROLMENT_TOKEN: token });
  const [status] = (await once(child, 'exit')) as [number];
  expect(status).toBe(1);
  expect(log()).toContain('the client runs 0.0.9: upgrade needed, at least 0.1.0');
});

it('gives no links to an enrolled relay that is too old, and shows which release it needs', async () => {
  const { admin, handle } = scene.system;
  await scene.installation.service('relay').stop();
  const started = startOldRelay(path.join(handle.home, 'relays', 'relay'));
  relay = started.child;
  const sentence = 'runs 0.0.9: upgrade needed, at least 0.1.0';
  const gatewayLog = () => readFileSync(path.join(handle.home, 'logs', 'gateway.log'), 'utf8');
  await vi.waitUntil(() => gatewayLog().includes(`the dialler ${sentence}`), { timeout: 20_000 });
  await vi.waitUntil(() => started.log().includes(`the client ${sentence}`), { timeout: 20_000 });
  const node = async () => (await unwrap(admin.GET('/api/v1/nodes'))).items.find(({ kind }) => kind === 'relay');
  await vi.waitUntil(async () => (await node())?.release === '0.0.9', { timeout: 20_000 });
  expect(await node()).toMatchObject({ state: 'online', upgradeNeeded: '0.1.0' });
});

it('says on the command line and on the Nodes page of the console which release that relay needs', async () => {
  const auditor = await scene.system.addUser('auditor');
  const needed = 'upgrade needed, at least 0.1.0';
  expect(await auditor.mustRun('admin', 'nodes', 'list')).toContain(`online, ${needed}`);
  expect(await auditor.mustRun('admin', 'nodes', 'show', 'relay-1')).toMatch(new RegExp(`Release: +0\\.0\\.9\n.*${needed}`));
  if (chromiumProgram !== undefined) {
    const browser = await TestBrowser.launch(scene.system.handle.url);
    const window = await browser.open();
    await window.signIn(auditor.email, readFileSync(auditor.passwordFile, 'utf8'));
    await window.visit('/nodes');
    const row = window.page.getByRole('table', { name: 'Nodes' }).getByRole('row').filter({ hasText: 'relay-1' });
    await row.getByText(needed).filter({ visible: true }).waitFor();
    expect(await row.getByText('0.0.9').filter({ visible: true }).count()).toBe(1);
    expect(await window.violations()).toEqual([]);
    expect(window.errors).toEqual([]);
    await browser.close();
  }
  await auditor.leave();
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AgentConfig } from '../config.js';
import { forgetLogin, keepCertificate, storeLogin, type StoredLogin, readLogin } from './stored-login.js';

let folder: string;
let config: AgentConfig;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-login-'));
  config = new AgentConfig({ SLUICE_CONFIG_HOME: folder });
});
afterEach(() => rmSync(folder, { recursive: true }));

const login = (token: string, certificate = `certificate of ${token}`): StoredLogin => ({
  server: 'http://127.0.0.1:1',
  token,
  expiresAt: '2030-01-01T00:00:00.000Z',
  account: { id: 'a', email: 'a@example.test', apiRole: 'user' },
  privateKey: 'key',
  certificate,
  certificateExpiresAt: '2030-01-01T00:00:00.000Z',
  ca: 'ca',
});

it('lets nobody else read what it stores', () => {
  const umask = process.umask(0);
  storeLogin(config, login('first'));
  keepCertificate(config, login('first', 'renewed'));
  process.umask(umask);
  for (const file of [config.loginFile, config.certificateFile]) expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('uses a renewed certificate for the login that it was renewed for, and for no other', () => {
  storeLogin(config, login('first'));
  keepCertificate(config, login('first', 'renewed'));
  expect(readLogin(config)).toEqual(login('first', 'renewed'));
  storeLogin(config, login('second')); // somebody signs in again while a renewal is in flight ...
  keepCertificate(config, login('first', 'renewed again'));
  expect(readLogin(config)).toEqual(login('second'));
  forgetLogin(config); // ... or out
  keepCertificate(config, login('second', 'renewed'));
  expect(readLogin(config)).toBeUndefined();
});

it('falls back to the certificate of the login when the renewed one is damaged', () => {
  storeLogin(config, login('first'));
  writeFileSync(config.certificateFile, '{"of": "');
  expect(readLogin(config)).toEqual(login('first'));
});

it.each(['/proc/sluice', '/dev/null/sluice'])('explains that %s cannot be its folder, before it signs in', (home) => {
  const command = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url));
  const env = { ...process.env, SLUICE_CONFIG_HOME: home, NO_COLOR: '1' };
  const nowhere = ['--server', 'http://127.0.0.1:1', '--email', 'a@example.test', '--password-file', command];
  for (const args of [
    ['login', ...nowhere],
    ['agent', 'run'],
  ]) {
    const result = spawnSync(process.execPath, [command, ...args], { env, encoding: 'utf8', timeout: 20_000 });
    expect(result.stderr).toMatch(new RegExp(`^sluice: SLUICE_CONFIG_HOME: the folder ${home} cannot be written: E[^\\n]*\\n$`));
    expect(result.status).toBe(2);
  }
});

it.each([
  ['cut short', '{"server": "http://127.0'],
  ['of another shape', '{"server": 1}'],
  ['empty', ''],
])('explains what to do when the stored login is %s', (_, text) => {
  writeFileSync(config.loginFile, text);
  const command = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url));
  const env = { ...process.env, SLUICE_CONFIG_HOME: folder, NO_COLOR: '1' };
  for (const args of [['status'], ['agent', 'run']]) {
    const result = spawnSync(process.execPath, [command, ...args], { env, encoding: 'utf8' });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(
      `sluice: the login in ${config.loginFile} is damaged, or of another release: run \`sluice login\` again\n`,
    );
  }
});

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UNIT_MARK, unitText } from './unit-text.js';

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'sluice-unit-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What systemd finds wrong with a user's unit: every line that it prints, warnings included. */
function verify(text: string): string {
  const file = path.join(folder, 'sluice-agent.service');
  writeFileSync(file, text);
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', file], {
    env,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}${status === 0 ? '' : `status ${status}`}`;
}

/** A stand-in for Node that systemd accepts, in a folder with this name. */
function programIn(name: string): string {
  const file = path.join(folder, name, 'node');
  mkdirSync(path.dirname(file));
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

describe('the unit', () => {
  it.runIf(hasSystemd).each(['plain', 'with space', "quote's", 'per%cent', 'doll$ar', 'back\\slash', '"quoted"', 'ü'])(
    'is accepted by systemd, from a folder called %s',
    (name) => {
      const node = programIn(name.replaceAll(/["'\\]/g, '')); // systemd is stricter about the path of the program itself
      const place = path.join(folder, name);
      const facts = { node, program: path.join(place, 'main.js'), loginFile: path.join(place, 'login.json') };
      expect(verify(unitText({ ...facts, environment: { SLUICE_CONFIG_HOME: place } }))).toBe('');
    },
  );

  it.runIf(hasSystemd)('is rejected by systemd when it is wrong, so the check above means something', () => {
    const text = unitText({ node: path.join(folder, 'no-node'), program: '/x', loginFile: '/y', environment: {} });
    expect(verify(text)).toContain('no-node');
    expect(verify(text.replace('Restart=', 'Restrat='))).toContain('Restrat');
  });

  it('contains the given paths and variables, escaped', () => {
    const text = unitText({ node: '/n %h', program: '/p "$HOME"', loginFile: '/l 100%', environment: { A: '/a\\b' } });
    expect(text.startsWith(`${UNIT_MARK}\n`)).toBe(true);
    expect(text).toContain('ExecStart="/n %%h" "/p \\"$$HOME\\"" agent run\n');
    expect(text).toContain('ConditionPathExists=/l 100%%\n');
    expect(text).toContain('Environment="A=/a\\\\b"\n');
  });

  it('is not written when a path has characters that it cannot contain', () => {
    const facts = { node: '/n', program: '/p', loginFile: '/l', environment: {} };
    expect(() => unitText({ ...facts, loginFile: '/l\nExecStartPre=/bin/evil' })).toThrow('line break');
    for (const node of [`/it's/node`, '/a"b/node', '/a\\b/node'])
      expect(() => unitText({ ...facts, node })).toThrow(`quote or backslash in its path: ${node}`);
  });
});

describe('sluice agent install', () => {
  const command = path.join(import.meta.dirname, '..', '..', 'bin', 'sluice.mjs');
  const sluice = (...args: string[]) => {
    const { DBUS_SESSION_BUS_ADDRESS: _bus, XDG_RUNTIME_DIR: _runtime, XDG_CONFIG_HOME: _config, ...env } = process.env;
    return spawnSync(process.execPath, [command, ...args], { env: { ...env, HOME: folder, NO_COLOR: '1' }, encoding: 'utf8' });
  };
  const file = () => path.join(folder, '.config', 'systemd', 'user', 'sluice-agent.service');

  it('writes the unit, prints what to type when no systemd answers, and removes it again', () => {
    const result = sluice('agent', 'install');
    expect([result.stderr, result.status]).toEqual(['', 0]);
    expect(result.stdout).toContain(`Wrote ${file()}.`);
    expect(result.stdout).toContain('systemctl --user enable --now sluice-agent');
    expect(JSON.parse(sluice('agent', 'install', '--json').stdout)).toEqual({ file: file(), state: 'written' });
    if (hasSystemd) expect(verify(execFileSync('cat', [file()], { encoding: 'utf8' }))).toBe('');
    expect(sluice('agent', 'uninstall').stdout).toBe(`Removed ${file()}.\n`);
    expect(sluice('agent', 'uninstall')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not installed as a service') as string,
    });
  }, 30_000);

  it('touches no unit that somebody else wrote', () => {
    mkdirSync(path.dirname(file()), { recursive: true });
    writeFileSync(file(), '[Service]\nExecStart=/bin/true\n');
    for (const verb of ['install', 'uninstall']) {
      const result = sluice('agent', verb);
      expect([result.status, result.stderr]).toEqual([1, expect.stringContaining('move it away first')]);
    }
  }, 30_000);
});

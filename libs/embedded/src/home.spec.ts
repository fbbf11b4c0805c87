import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultHome, keptSecret, prepareHome, StartError, unreachableFolder } from './home.js';

const asRoot = process.getuid?.() === 0;
let folder: string;
let checkout: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-home-'));
  chmodSync(folder, 0o755);
  checkout = path.join(folder, 'closed', 'checkout');
  mkdirSync(checkout, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is in the checkout where others can enter it', () => {
  expect(defaultHome(checkout, path.join(folder, 'var'))).toBe(path.join(checkout, '.sluice'));
});

it.runIf(asRoot)(
  'is where the user of PostgreSQL can get to when the checkout lies below a 0700 folder, another for each checkout',
  () => {
    chmodSync(path.join(folder, 'closed'), 0o700);
    const parent = path.join(folder, 'var');
    const home = defaultHome(checkout, parent);
    expect(path.dirname(home)).toBe(parent);
    expect(statSync(parent).mode & 0o777).toBe(0o711);
    expect(unreachableFolder(parent)).toBeUndefined();
    expect(defaultHome(checkout, parent)).toBe(home);
    const other = path.join(folder, 'closed', 'other');
    mkdirSync(other);
    expect(defaultHome(other, parent)).not.toBe(home);
  },
);

it.runIf(asRoot)('says what to do when that folder cannot be created', () => {
  chmodSync(path.join(folder, 'closed'), 0o700);
  writeFileSync(path.join(folder, 'file'), '');
  const start = () => defaultHome(checkout, path.join(folder, 'file', 'sluice'));
  expect(start).toThrow(StartError);
  expect(start).toThrow(/Set SLUICE_HOME/);
});

it.runIf(asRoot)('is never one that another user created, and holds no secret that another user put there', () => {
  const home = path.join(folder, 'home');
  mkdirSync(home);
  chownSync(home, 65534, 65534);
  expect(() => prepareHome(home)).toThrow(`${home} (SLUICE_HOME) belongs to another user (uid 65534)`);
  expect(existsSync(path.join(home, 'secrets'))).toBe(false);
  chownSync(home, 0, 0);
  expect(prepareHome(home)).toBe(path.join(home, 'secrets'));
  chownSync(path.join(home, 'secrets'), 65534, 65534);
  expect(() => prepareHome(home)).toThrow(StartError);
});

it('creates a secret once, and leaves no draft of it', () => {
  const file = path.join(folder, 'secret');
  expect(keptSecret(file, () => 'first')).toBe('first');
  expect(keptSecret(file, () => 'second')).toBe('first');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).filter((name) => name.startsWith('secret'))).toEqual(['secret']);
});

it('names the file of a secret that is empty, and does not replace it', () => {
  const file = path.join(folder, 'secret');
  writeFileSync(file, '\n');
  expect(() => keptSecret(file, () => 'another')).toThrow(StartError);
  expect(() => keptSecret(file, () => 'another')).toThrow(file);
});

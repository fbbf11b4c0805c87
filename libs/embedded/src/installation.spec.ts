import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeRuntime } from '@sluice/process';
import { expect, it, vi } from 'vitest';
import { StartError } from './home.js';
import { lockHome } from './home-lock.js';
import { Installation } from './installation.js';
import { freePort } from './port.js';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** What every start here is given, on ports of its own. */
const optionsFor = async (home: string) => ({
  root,
  home,
  httpPort: await freePort(),
  tunnelPort: await freePort(),
  restart: true,
  runtime: nodeRuntime(process.execPath),
  say: () => undefined,
});

it('leaves no store behind that was still starting when the other could not be started', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-half-'));
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let stopped = false;
  const start = Installation.start({
    ...(await optionsFor(home)),
    postgres: async () => {
      await held;
      return { url: 'postgres://127.0.0.1/', stop: () => Promise.resolve(void (stopped = true)) };
    },
    nats: () => {
      setImmediate(release); // once everybody knows that this one failed
      return Promise.reject(new StartError('there is no NATS'));
    },
  });
  await expect(start).rejects.toThrow('there is no NATS');
  expect(stopped).toBe(true);
  rmSync(home, { recursive: true, force: true });
}, 30_000);

it('starts nothing more once it is asked to stop, at whatever point it is', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-early-'));
  const stopping = new AbortController();
  const started: string[] = [];
  const start = Installation.start({
    ...(await optionsFor(home)),
    postgres: () => {
      started.push('PostgreSQL');
      return Promise.resolve({ url: '', stop: () => Promise.resolve() });
    },
    signal: stopping.signal,
  });
  stopping.abort(); // it is still looking for what an earlier start left
  await expect(start).rejects.toThrow('aborted');
  expect(started).toEqual([]);
  lockHome(home)(); // it is free again
  rmSync(home, { recursive: true, force: true });
}, 30_000);

it('stops a store that starts during the stop', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-early-'));
  const stopping = new AbortController();
  let stopped = false;
  const start = Installation.start({
    ...(await optionsFor(home)),
    postgres: async () => {
      stopping.abort();
      await new Promise(setImmediate);
      return { url: 'postgres://127.0.0.1/', stop: () => Promise.resolve(void (stopped = true)) };
    },
    nats: () => Promise.resolve({ url: '', stop: () => Promise.resolve() }),
    signal: stopping.signal,
  });
  await expect(start).rejects.toThrow('aborted');
  expect(stopped).toBe(true);
  rmSync(home, { recursive: true, force: true });
}, 30_000);

/** A program in place of NATS: it says its version, and does `more` when it is run as a server. */
function natsProgram(home: string, more: string): string {
  const file = path.join(home, 'nats-program');
  writeFileSync(file, `#!/bin/sh\n[ "$1" = --version ] && { echo 'nats-server: v2.14.0'; exit; }\n${more}\n`);
  chmodSync(file, 0o755);
  return file;
}

it('reports why the embedded NATS did not start, and stops PostgreSQL', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-no-nats-'));
  let stopped = false;
  const start = Installation.start({
    ...(await optionsFor(home)),
    natsBinary: natsProgram(home, "echo '[1] 2026/01/01 00:00:00 [FTL] the disk is full'; exit 1"),
    postgres: () => Promise.resolve({ url: 'postgres://127.0.0.1/', stop: () => Promise.resolve(void (stopped = true)) }),
  });
  await expect(start).rejects.toThrow('the disk is full');
  expect(stopped).toBe(true);
  lockHome(home)(); // it is free again
  rmSync(home, { recursive: true, force: true });
}, 30_000);

it('stops an embedded NATS that is still starting when the start is aborted', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-slow-nats-'));
  const stopping = new AbortController();
  let stopped = false;
  const start = Installation.start({
    ...(await optionsFor(home)),
    natsBinary: natsProgram(home, `touch ${home}/runs; exec sleep 60`),
    postgres: () => Promise.resolve({ url: 'postgres://127.0.0.1/', stop: () => Promise.resolve(void (stopped = true)) }),
    signal: stopping.signal,
  });
  const failed = expect(start).rejects.toThrow();
  await vi.waitFor(() => expect(existsSync(path.join(home, 'runs'))).toBe(true), 20_000);
  stopping.abort();
  await failed;
  expect(stopped).toBe(true);
  lockHome(home)();
  rmSync(home, { recursive: true, force: true });
}, 30_000);

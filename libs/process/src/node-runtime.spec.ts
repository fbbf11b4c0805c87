import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { nodeRuntime } from './node-runtime.js';

it('is Node 24 or newer where the packages provide one, and it runs', () => {
  const runtime = nodeRuntime(undefined);
  expect(Number.parseInt(runtime.version, 10)).toBeGreaterThanOrEqual(24);
  expect(execFileSync(runtime.file, ['--version'], { encoding: 'utf8' }).trim()).toBe(`v${runtime.version}`);
});

it('is the one that was chosen; an error says that it is not Node', () => {
  expect(nodeRuntime(process.execPath)).toEqual({ file: process.execPath, version: process.versions.node });
  expect(() => nodeRuntime('/nowhere/node')).toThrow(/^\/nowhere\/node \(SLUICE_NODE\) is not a Node that runs here: .*ENOENT/);
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-no-node-'));
  const other = path.join(folder, 'other');
  writeFileSync(other, '#!/bin/sh\necho hello\n');
  chmodSync(other, 0o755);
  expect(() => nodeRuntime(other)).toThrow('it says "hello"');
  rmSync(folder, { recursive: true });
});

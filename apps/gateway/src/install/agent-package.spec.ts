import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readAgentPackage } from './agent-package.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'sluice-packed-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('reads the package, and the version from its name', () => {
  writeFileSync(path.join(folder, 'sluice-agent-1.2.3-rc.1.tgz'), 'bytes');
  writeFileSync(path.join(folder, 'sluice-agent-1.2.3-rc.1.tgz.part'), 'half');
  const sha256 = createHash('sha256').update('bytes').digest('hex');
  expect(readAgentPackage(folder)).toEqual({ version: '1.2.3-rc.1', bytes: Buffer.from('bytes'), sha256 });
});

it('finds no package when none was built', () => {
  expect(readAgentPackage(undefined)).toBeUndefined();
  expect(readAgentPackage(folder)).toBeUndefined();
  expect(readAgentPackage(path.join(folder, 'gone'))).toBeUndefined();
});

it('refuses to choose among several', () => {
  for (const version of ['1.0.0', '1.1.0']) writeFileSync(path.join(folder, `sluice-agent-${version}.tgz`), version);
  expect(() => readAgentPackage(folder)).toThrow('several packages');
});

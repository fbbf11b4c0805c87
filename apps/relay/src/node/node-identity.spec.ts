import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatEnrolmentToken } from '@sluice/identity';
import { createLog } from '@sluice/process';
import { afterAll, expect, it } from 'vitest';
import { RelayConfig } from '../config.js';
import { NodeIdentity } from './node-identity.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-node-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each(['http://127.evil.example', 'http://127.0.0.1.evil.example', 'http://evil.example'])(
  'does not enrol at %s: a token in plain text is for this machine alone',
  async (gateway) => {
    const token = formatEnrolmentToken({ gateway, caFingerprint: '00', secret: 'secret' });
    const config = new RelayConfig({ SLUICE_RELAY_HOME: folder, SLUICE_ENROLMENT_TOKEN: token });
    await expect(NodeIdentity.load(config, createLog('test', 'silent'))).rejects.toThrow(
      `${gateway} uses plain HTTP to another machine`,
    );
  },
);

it.each(['/proc/sluice', '/dev/null/sluice'])('says in words that %s cannot be its home, and exits with 2', (home) => {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const env = { ...process.env, SLUICE_RELAY_HOME: home };
  const said = spawnSync(process.execPath, [main], { env, encoding: 'utf8', timeout: 20_000 });
  expect(said.stderr).toMatch(new RegExp(`^relay: SLUICE_RELAY_HOME: the folder ${home} cannot be written: E[^\\n]*\\n$`));
  expect(said.stdout).not.toContain('    at ');
  expect(said.status).toBe(2);
});

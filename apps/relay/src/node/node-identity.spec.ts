import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
      `${gateway} is plain http to another machine`,
    );
  },
);

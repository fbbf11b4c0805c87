import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, jwtAuthenticator } from '@nats-io/transport-node';
import { AUDIT_STREAM, inboxPrefix, servicePermissions } from '@sluice/contracts';
import { type BusUser, makeAccountSeed, makeBusUser } from '@sluice/identity/bus-authority';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startNats } from './nats.js';
import { prepareBus } from './provision.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-provision-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

it(
  'makes the account that all services shared that of audit, with its stream, and lets no user of that time in',
  { timeout: 30_000 },
  async () => {
    const former = makeAccountSeed();
    writeFileSync(path.join(folder, 'bus-services-seed'), `${former}\n`);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 60_000 });
    const [health, everything] = [
      await makeBusUser(former, 'health', servicePermissions('health')),
      await makeBusUser(former, 'audit', { publish: ['>'], subscribe: ['>'] }),
    ];
    vi.useRealTimers();

    const nats = await startNats(path.join(folder, 'nats'), await prepareBus(folder));
    const join = ({ jwt, seed }: BusUser, name: string) =>
      connect({
        servers: nats.url,
        tls: { ca: readFileSync(path.join(folder, 'bus-ca.pem'), 'utf8') },
        inboxPrefix: inboxPrefix(name),
        authenticator: jwtAuthenticator(jwt, Buffer.from(seed)),
        reconnect: false,
      });
    try {
      expect(readFileSync(path.join(folder, 'bus-audit-seed'), 'utf8').trim()).toBe(former);
      expect(readFileSync(path.join(folder, 'bus-health-seed'), 'utf8').trim()).not.toBe(former);
      for (const user of [health, everything]) await expect(join(user, 'health')).rejects.toThrow(/authorization violation/i);
      const now = JSON.parse(readFileSync(path.join(folder, 'bus-audit.json'), 'utf8')) as BusUser;
      const audit = await join(now, 'audit');
      const answer = await audit.request(`$JS.API.STREAM.INFO.${AUDIT_STREAM}`, '');
      expect(answer.json()).toMatchObject({ error: { description: 'stream not found' } }); // the API responds to it
      await audit.close();
    } finally {
      await nats.stop();
    }
  },
);

import { jetstreamManager } from '@nats-io/jetstream';
import { AUDIT_STREAM, healthFactSubject } from '@sluice/contracts';
import { unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { carried } from '../carried.js';
import { type BusUser, joinBus } from '../join-bus.js';
import { metric } from '../metric.js';
import { Scene } from '../scene.js';

const LIMIT = 512 * 1024;
const WITHIN = { timeout: 15_000 };

let scene: Scene;
let health: BusUser;
let audit: BusUser;
let siem: BusUser;
const alarms: unknown[] = [];
beforeAll(async () => {
  scene = await Scene.start({ env: { audit: { SLUICE_AUDIT_STREAM_BYTES: String(LIMIT) } } });
  health = await joinBus(scene.system.handle.home, 'health');
  audit = await joinBus(scene.system.handle.home, 'audit');
  siem = await joinBus(scene.system.handle.home, 'siem');
  siem.connection.subscribe('audit.v1.integrity.flood', {
    callback: (_, message) => void alarms.push(message.json<{ data: unknown }>().data),
  });
  await siem.connection.flush();
});
afterAll(async () => {
  await health.connection.close();
  await audit.connection.close();
  await siem.connection.close();
  await scene.end();
});

/** Publishes facts of the health service until JetStream takes no more. @returns why it does not */
async function fill(): Promise<string> {
  for (let i = 0; i < LIMIT; i++) {
    const fact = JSON.stringify({ i, ballast: 'x'.repeat(4000) });
    const answer = (await health.connection.request(healthFactSubject('ballast'), fact)).json<{
      error?: { description: string };
    }>();
    if (answer.error) return answer.error.description;
  }
  throw new Error('JetStream took everything');
}

/** What the audit service says of its room. */
async function readiness(): Promise<string> {
  const { operationsPort } = scene.installation.service('audit').announcement;
  return (await fetch(`http://127.0.0.1:${operationsPort}/readyz`)).text();
}

it('a full stream of facts stops no revocation, and loses no record: relays keep what JetStream refuses', async () => {
  const { system, user, resource, installation } = scene;
  const server = await system.addServer(resource.port);
  const role = await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const before = await carried(port);
  expect(await readiness()).not.toContain('full');

  expect(await fill()).toContain('maximum bytes');
  await vi.waitFor(async () => expect(await readiness()).toMatch(/the stream of facts is \d+ % full/), WITHIN);
  expect(await metric(installation, 'audit', 'sluice_audit_stream_limit_bytes')).toBe(LIMIT);
  await vi.waitFor(async () => expect(await readiness()).toMatch(/health published \d+ facts within an hour/), WITHIN);
  const heavyBytes = () => metric(installation, 'audit', 'sluice_audit_heavy_author_bytes', 'health');
  await vi.waitFor(async () => expect(await heavyBytes()).toBeGreaterThan(LIMIT / 2), WITHIN); // it is warned of long before
  const during = await carried(port); // the relay's journal is persistent: sessions continue

  const cut = [before, during].map((socket) => {
    socket.on('error', () => undefined); // it is cut by a reset
    return new Promise((resolve) => socket.once('close', resolve));
  });
  const path = { id: role, serverId: server.id };
  await unwrap(system.admin.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params: { path } }));
  await Promise.all(cut);
  await expect(carried(port)).rejects.toThrow('refused');

  const manager = await jetstreamManager(audit.connection, { checkAPI: false });
  await manager.streams.update(AUDIT_STREAM, { max_bytes: LIMIT * 10 }); // as the service does when it starts with another limit
  const records = await system.recordsWhen(server.id, (all) => all.filter(({ state }) => state === 'final').length === 3, 30_000);
  expect(records.map(({ endReason }) => endReason).sort()).toEqual(['grant ended', 'grant ended', 'no grant']);
  await vi.waitFor(async () => expect(await readiness()).not.toContain('full'), WITHIN);
  const alarm = { kind: 'flood', author: 'health', detail: { limit: LIMIT } };
  await vi.waitFor(() => expect(alarms).toMatchObject([alarm]), WITHIN);
});

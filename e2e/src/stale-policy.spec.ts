import type { Schemas } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried } from './carried.js';
import { Scene } from './scene.js';

let scene: Scene;
let server: Schemas['Server'];
let port: number;

beforeAll(async () => {
  const env = { SLUICE_POLICY_STALE_NEW_SECONDS: '4', SLUICE_POLICY_STALE_LIVE_SECONDS: '10' };
  scene = await Scene.start({ env: { relay: env } });
  const { system, user, resource } = scene;
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
});
afterAll(() => scene.end());

it('admits nobody by a stale policy, and in the end cuts everybody; both are recorded, and it recovers', async () => {
  const { installation, system } = scene;
  const registry = installation.service('registry');
  const { operationsPort } = installation.service('relay').announcement;
  const isReady = async () => (await fetch(`http://127.0.0.1:${operationsPort}/readyz`)).ok;
  const live = await carried(port);
  const ended = new Promise((resolve) => live.once('close', resolve));
  registry.kill('SIGSTOP'); // its heartbeats stop; NATS and all else continue
  try {
    await expect.poll(isReady, { timeout: 20_000 }).toBe(false);
    await expect(carried(port)).rejects.toThrow('refused');
    expect(live.destroyed).toBe(false);
    await ended;
  } finally {
    registry.kill('SIGCONT');
  }
  const reasons = (found: Schemas['AuditRecord'][]) => found.map(({ endReason, outcome }) => `${outcome}: ${endReason}`);
  const records = await system.recordsWhen(server.id, (found) => {
    const seen = reasons(found);
    return seen.includes('refused: policy stale') && seen.includes('completed: policy stale');
  });
  for (const { bytesUp, exactness } of records) expect(exactness).toBe(bytesUp === 0 ? 'exact' : 'at most');
  await expect.poll(isReady, { timeout: 20_000 }).toBe(true);
  (await carried(port)).destroy();
});

import { connect } from 'node:net';
import { engineHasImages, type TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Resource } from './resource.js';
import { Scene } from './scene.js';

const able = engineHasImages();
if (!able) console.log('skipped: no container engine with the images of PostgreSQL and NATS');

/** All other specs run like this too: `SLUICE_TEST_STORES=containers npm test`. */
describe.skipIf(!able)('with PostgreSQL and NATS in containers', () => {
  let scene: Scene;
  let system: TestSystem;
  let user: TestUser;
  let resource: Resource;

  beforeAll(async () => {
    scene = await Scene.start({ containers: true });
    ({ system, user, resource } = scene);
  });
  afterAll(() => scene.end());

  it('carries sessions and keeps an exact record of each', async () => {
    const server = await system.addServer(resource.port);
    await system.grant([user], [server]);
    const port = await user.connect(server.name);
    const session = (bytes: number) =>
      new Promise<number>((resolve) => {
        let received = 0;
        connect(port, '127.0.0.1')
          .on('data', (chunk) => (received += chunk.length))
          .on('error', () => undefined)
          .on('close', () => resolve(received))
          .end(Buffer.alloc(bytes));
      });
    expect(await Promise.all([1, 1000, 100_000].map(session))).toEqual([1, 1000, 100_000]);
    const records = await system.recordsWhen(
      server.id,
      (found) => found.filter((one) => one.state === 'final').length === 3,
      20_000,
    );
    expect(
      records
        .map(({ bytesUp, bytesDown, exactness }) => [bytesUp, bytesDown, exactness])
        .sort((a, b) => Number(a[0]) - Number(b[0])),
    ).toEqual([1, 1000, 100_000].map((bytes) => [bytes, bytes, 'exact']));
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Scene } from './scene.js';

/** What the set-up of a chart does by the API. */
interface SetUp {
  clusterKeys(
    server: string,
    email: string,
    password: string,
  ): Promise<{ createKey(cluster: string): Promise<string>; end(): Promise<unknown> }>;
  reachable(server: string, tunnels: string[]): Promise<void>;
}

const EMAIL = 'admin@sluice.local';
let scene: Scene;
let setUp: SetUp;
let password: string;

beforeAll(async () => {
  scene = await Scene.start({ restart: false });
  setUp = (await import(path.join(import.meta.dirname, '..', '..', 'tools', 'installation-api.mjs'))) as SetUp;
  password = readFileSync(path.join(scene.installation.options.home, 'admin-password'), 'utf8').trim();
});
afterAll(() => scene.end());

it('makes keys with which relays enrol, in the default cluster and in one that it adds, and signs out again', async () => {
  const { admin } = scene.system;
  const administrator = await setUp.clusterKeys(scene.installation.url, EMAIL, password);
  const [plain, site, again] = [
    await administrator.createKey('default'),
    await administrator.createKey('Site B'),
    await administrator.createKey('site b'),
  ];
  await administrator.end();
  await scene.installation.addRelay('one', { SLUICE_ENROLMENT_TOKEN: plain, SLUICE_RELAY_NAME: 'one' });
  await scene.installation.addRelay('two', { SLUICE_ENROLMENT_TOKEN: site, SLUICE_RELAY_NAME: 'two' });
  await scene.installation.addRelay('three', { SLUICE_ENROLMENT_TOKEN: again, SLUICE_RELAY_NAME: 'three' });
  const nodes = (await unwrap(admin.GET('/api/v1/nodes'))).items;
  expect(['one', 'two', 'three'].map((name) => nodes.find((node) => node.name === name)?.proxyCluster)).toEqual([
    null,
    'Site B',
    'Site B',
  ]);
  await expect(administrator.createKey('default')).rejects.toMatchObject({ status: 401 });
});

it('says what to do if the first password is no longer that of the administrator', async () => {
  const attempt = setUp.clusterKeys(scene.installation.url, EMAIL, 'another password than that');
  await expect(attempt).rejects.toThrow('Create the key yourself (`sluice admin cluster-keys create CLUSTER`)');
});

it('shows what of an installation can be reached, and what cannot', async () => {
  const { httpUrl, tunnel } = { httpUrl: scene.installation.url, tunnel: `127.0.0.1:${scene.installation.options.tunnelPort}` };
  await setUp.reachable(httpUrl, [tunnel]);
  await expect(setUp.reachable(httpUrl, [tunnel, '127.0.0.1:1'])).rejects.toThrow(
    'the tunnel port 127.0.0.1:1 cannot be reached',
  );
  await expect(setUp.reachable('http://127.0.0.1:1', [])).rejects.toThrow('the API at http://127.0.0.1:1 does not respond');
});

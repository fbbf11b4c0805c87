import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried } from './carried.js';
import { Scene } from './scene.js';

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start({ restart: false });
});
afterAll(() => scene.end());

const nodes = async (): Promise<Schemas['Node'][]> => (await unwrap(scene.system.admin.GET('/api/v1/nodes'))).items;
const relay = (folder: string, token: string, name: string) =>
  scene.installation.addRelay(folder, { SLUICE_ENROLMENT_TOKEN: token, SLUICE_RELAY_NAME: name });

it('renames a relay, which has its new name in records after its next renewal, and no gateway', async () => {
  const { admin } = scene.system;
  const rename = async (name: string, to: string, version?: number) => {
    const node = (await nodes()).find((one) => one.name === name);
    const body = { name: to, version: version ?? node?.version ?? 0 };
    return unwrap(admin.PATCH('/api/v1/nodes/{id}', { params: { path: { id: node?.id ?? '' } }, body }));
  };
  expect(await rename('relay-1', 'first')).toMatchObject({ name: 'first', kind: 'relay', version: 2 });
  await expect(rename('first', 'other', 1)).rejects.toMatchObject({ status: 409, code: 'version_conflict' });
  await expect(rename('first', '../x')).rejects.toMatchObject({ status: 422, code: 'node_name_invalid' });
  await expect(rename('first', 'GATEWAY-1')).rejects.toMatchObject({ status: 409, code: 'name_taken' });
  await expect(rename('gateway-1', 'other')).rejects.toMatchObject({ status: 409, code: 'gateway_name_configured' });
  const { items } = await unwrap(admin.GET('/api/v1/activities', { params: { query: { limit: 1 } } }));
  expect(items).toMatchObject([
    { verb: 'updated', object: { kind: 'node', name: 'first' }, before: { name: 'relay-1' }, after: { name: 'first' } },
  ]);
  const relayOne = scene.installation.service('relay');
  await relayOne.stop(); // a start renews the credentials, which otherwise takes up to 20 minutes
  await relayOne.start();
  const server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
  (await carried(await scene.user.connect(server.name))).end().resume();
  const [record] = await scene.system.recordsWhen(server.id, (found) => found.some(({ state }) => state === 'final'));
  expect(record?.relay?.name).toBe('first');
});

it('gives a worker that enrols with a cluster key the requested name, if no node has it', async () => {
  const { admin } = scene.system;
  await unwrap(admin.POST('/api/v1/clusters', { body: { name: 'berlin' } }));
  const { key } = await unwrap(admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: 'berlin' } }));
  await relay('first', key, 'berlin-1');
  expect(await nodes()).toContainEqual(expect.objectContaining({ name: 'berlin-1', proxyCluster: 'berlin' }));
  await expect(relay('second', key, 'BERLIN-1')).rejects.toThrow('there is a node of this name already');
  await expect(relay('third', key, '../x')).rejects.toThrow('the name of a node has');
});

it('enrols any number of relays of the default cluster with one of its keys, until it is revoked', async () => {
  const { admin } = scene.system;
  const made = await unwrap(admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: 'default' } }));
  expect(made.proxyCluster).toBe('default');
  await relay('plain-1', made.key, 'plain-1');
  await relay('plain-2', made.key, 'plain-2');
  for (const name of ['plain-1', 'plain-2'])
    expect(await nodes()).toContainEqual(expect.objectContaining({ name, kind: 'relay', proxyCluster: null }));
  const listed = await unwrap(admin.GET('/api/v1/cluster-keys', { params: { query: { proxyCluster: 'default' } } }));
  expect(listed.items.map(({ id, lastUsedAt }) => [id, lastUsedAt !== null])).toEqual([[made.id, true]]);
  const activities = await unwrap(admin.GET('/api/v1/activities', { params: { query: {} } }));
  expect(activities.items).toContainEqual(
    expect.objectContaining({ object: expect.objectContaining({ kind: 'cluster-key', name: 'default' }) as object }),
  );
  await unwrap(admin.POST('/api/v1/cluster-keys/{id}/revoke', { params: { path: { id: made.id } } }));
  await expect(relay('plain-3', made.key, 'plain-3')).rejects.toThrow('ended while it started');
  const serves = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [serves]);
  expect(await scene.user.connect(serves.name)).toBeGreaterThan(0);
});

it('asks which cluster a key is for: an empty name does not mean the default one', async () => {
  const made = unwrap(scene.system.admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: '' } }));
  await expect(made).rejects.toMatchObject({ status: 400, field: 'proxyCluster' });
});

it('enrols no relay under another name than that of its token, which remains valid', async () => {
  const { token } = await unwrap(scene.system.admin.POST('/api/v1/nodes/tokens', { body: { name: 'relay-9' } }));
  await expect(relay('other', token, 'relay-8')).rejects.toThrow('this enrolment token is for a relay named relay-9');
  await relay('relay-9', token, 'relay-9');
  expect((await nodes()).map(({ name }) => name)).toContain('relay-9');
});

import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Scene } from './scene.js';

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start({ restart: false });
});
afterAll(() => scene.end());

const nodes = async (): Promise<Schemas['Node'][]> => (await unwrap(scene.system.admin.GET('/api/v1/nodes'))).items;
const relay = (folder: string, token: string, name: string) =>
  scene.installation.addRelay(folder, { SLUICE_ENROLMENT_TOKEN: token, SLUICE_RELAY_NAME: name });

it('gives a worker that enrols with a cluster key the requested name, if no node has it', async () => {
  const { admin } = scene.system;
  await unwrap(admin.POST('/api/v1/clusters', { body: { name: 'berlin' } }));
  const { key } = await unwrap(admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: 'berlin' } }));
  await relay('first', key, 'berlin-1');
  expect(await nodes()).toContainEqual(expect.objectContaining({ name: 'berlin-1', proxyCluster: 'berlin' }));
  await expect(relay('second', key, 'BERLIN-1')).rejects.toThrow('there is a node of this name already');
  await expect(relay('third', key, '../x')).rejects.toThrow('the name of a node has');
});

it('enrols no relay under another name than that of its token, which remains valid', async () => {
  const { token } = await unwrap(scene.system.admin.POST('/api/v1/nodes/tokens', { body: { name: 'relay-9' } }));
  await expect(relay('other', token, 'relay-8')).rejects.toThrow('this enrolment token is for a relay named relay-9');
  await relay('relay-9', token, 'relay-9');
  expect((await nodes()).map(({ name }) => name)).toContain('relay-9');
});

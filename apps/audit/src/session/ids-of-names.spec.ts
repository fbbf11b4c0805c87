import { idsNamed, operationSubject } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { TestStores } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { askRegistry, withIds } from './ids-of-names.js';

const GATEWAY = '6f1c1b0e-7a51-4f0e-9d3b-0f7f1c1f6c01';

let stores: TestStores;
let audit: Bus;
let registry: Bus;
const asked: object[] = [];
beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  [audit, registry] = await Promise.all([stores.join('audit'), stores.join('registry')]);
  registry.respond(operationSubject(idsNamed), idsNamed.input, (names) => {
    asked.push(names);
    const ids = (name: string) => ({ name, ids: name === 'unknown' ? [] : [`id of ${name}`] });
    return Promise.resolve({
      ok: true,
      result: { gateways: names.gateways.map(ids), proxyClusters: names.proxyClusters.map(ids) },
    });
  });
  await registry.connection.flush();
}, 60_000);
beforeEach(() => void asked.splice(0));
afterAll(async () => {
  await Promise.all([audit.close(), registry.close()]);
  await stores.stop();
});

it('asks the registry over the bus which gateways and clusters are meant, once for all filters', async () => {
  const filters = [{ gateway: 'edge', live: true }, { gateway: 'unknown', proxyCluster: 'zurich' }, {}];
  expect(await withIds(filters, askRegistry(audit))).toEqual([
    { gateways: ['edge', 'id of edge'], live: true },
    { gateways: ['unknown'], proxyClusters: ['zurich', 'id of zurich'] },
    {},
  ]);
  expect(asked).toEqual([{ gateways: ['edge', 'unknown'], proxyClusters: ['zurich'] }]);
  const refuse = (at: number, field: string, name: string) => new Error(`${at} ${field} ${name}`);
  await expect(withIds(filters, askRegistry(audit), refuse)).rejects.toThrow('1 gateway unknown');
});

it('asks nobody about what can only be an id, so that these are found while the registry is away', async () => {
  await registry.close();
  const filters = [{ gateway: GATEWAY, proxyCluster: 'c0123456789ab' }, { proxyCluster: 'default' }];
  expect(await withIds(filters, askRegistry(audit))).toEqual([
    { gateways: [GATEWAY], proxyClusters: ['c0123456789ab'] },
    { proxyClusters: ['default'] },
  ]);
  await expect(withIds([{ gateway: 'edge' }], askRegistry(audit))).rejects.toMatchObject({ problem: { status: 503 } });
  expect(asked).toEqual([]);
}, 30_000);

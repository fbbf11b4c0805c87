import type { Schemas } from '@sluice/sdk';
import { expect, it } from 'vitest';
import { filterServers } from './filter-servers.js';

type Server = Schemas['Server'];
const health = (state: 'healthy' | 'unhealthy') => ({ state, nodes: [{ nodeId: 'n', nodeName: 'relay', state }] });
const server = (name: string, more: Partial<Server>): Server => ({ name, type: 'tcp', dns: null, ...more }) as Server;
const SERVERS = [
  server('orders', {
    ...{ hostname: 'db.internal', port: 5432, bindAddress: '127.0.0.1', portOverride: 20_000, proxyCluster: null },
    ...{ tags: { env: 'prod', team: 'Data' }, health: health('healthy') },
  }),
  server('Cache', {
    ...{ hostname: '10.0.0.7', port: 6379, bindAddress: '127.0.0.1', portOverride: 20_001, proxyCluster: 'Berlin' },
    ...{ tags: { env: 'test' }, health: health('unhealthy') },
  }),
  server('mail', {
    ...{ hostname: 'mx.internal', port: 25, bindAddress: '127.0.0.1', portOverride: 20_002, proxyCluster: null },
    ...{ tags: {}, health: { state: 'unhealthy', nodes: [] } },
  }),
];

it.each([
  ['', ['orders', 'Cache', 'mail']],
  ['CACHE', ['Cache']],
  ['internal', ['orders', 'mail']],
  ['internal env=prod', ['orders']],
  ['tag:team=data', ['orders']],
  ['tag:env', ['orders', 'Cache']],
  ['tag:env tag:team', ['orders']],
  ['health:healthy', ['orders']],
  ['health:unhealthy', ['Cache']],
  ['health:unchecked', ['mail']],
  ['type:tcp mail', ['mail']],
  ['type:http', []],
  ['cluster:berlin', ['Cache']],
  ['cluster:default', ['orders', 'mail']],
  ['address:127.0.0.1:20001', ['Cache']],
])('finds by "%s"', (search, names) => {
  expect(filterServers(SERVERS, search).map(({ name }) => name)).toEqual(names);
});

import { randomUUID } from 'node:crypto';
import { DEFAULT_NETWORK, type NetworkSettings } from '@sluice/domain';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { validateNetwork } from './validate-network.js';

let database: DataSource;
useRegistryDatabase((opened) => void (database = opened));
beforeEach(() => database.query('delete from resource'));

const present: NetworkSettings = {
  ...DEFAULT_NETWORK,
  loopbackRange: '127.1.0.0/16',
  virtualNetworking: true,
  dnsZones: ['corp.example'],
};

async function addServer(
  name: string,
  { mode = 'loopback', address = '127.1.0.7', hostname = 'db.example', dns = null as string | null },
) {
  await database.query(
    `insert into resource (id, name, name_key, cluster_id, hostname, port, connectivity_mode, bind_address, port_override, dns)
     values ($1, $2, $2, 'default', $3, 5432, $4, $5, 5432, $6)`,
    [randomUUID(), name, hostname, mode, address, dns],
  );
}

const validate = (asked: Partial<NetworkSettings>) => database.transaction((tx) => validateNetwork(tx, asked, present));
const refusal = (code: string, field: string, server: string) => ({
  problem: expect.objectContaining({ status: 409, code, field, title: expect.stringContaining(server) as string }) as object,
});

it('returns what was asked for in its canonical form, and only that', async () => {
  expect(await validate({})).toEqual({});
  expect(await validate({ loopbackRange: '127.1.2.3/16', dnsZones: ['B.example', 'a.example', 'a.example'] })).toEqual({
    loopbackRange: '127.1.0.0/16',
    dnsZones: ['a.example', 'b.example'],
  });
});

it('rejects a loopback range that a server would be outside of, and accepts a larger one', async () => {
  await addServer('orders', {});
  await expect(validate({ loopbackRange: '127.2.0.0/16' })).rejects.toMatchObject(
    refusal('network_in_use', 'loopbackRange', 'orders'),
  );
  expect(await validate({ loopbackRange: '127.0.0.0/8' })).toEqual({ loopbackRange: '127.0.0.0/8' });
});

it('rejects what a server in virtual network mode would lose: the mode, its address, its name', async () => {
  await addServer('files', { mode: 'virtual-network', address: '100.64.0.9', dns: 'files.corp.example' });
  const rejected = async (asked: Partial<NetworkSettings>, field: string) =>
    expect(validate(asked)).rejects.toMatchObject(refusal('network_in_use', field, 'files'));
  await rejected({ virtualNetworking: false }, 'virtualNetworking');
  await rejected({ virtualSubnet: '10.0.0.0/8' }, 'virtualSubnet');
  await rejected({ dnsZones: [] }, 'dnsZones');
  expect(await validate({ dnsZones: ['example'] })).toEqual({ dnsZones: ['example'] });
});

it('rejects a virtual subnet that contains the hostname of a server, because relays dial no address in it', async () => {
  await addServer('legacy', { hostname: '10.1.2.3' });
  await expect(validate({ virtualSubnet: '10.0.0.0/8' })).rejects.toMatchObject(
    refusal('network_in_use', 'virtualSubnet', 'legacy'),
  );
  expect(await validate({ virtualSubnet: '172.16.0.0/12' })).toEqual({ virtualSubnet: '172.16.0.0/12' });
});

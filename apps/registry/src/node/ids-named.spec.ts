import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { readIdsNamed } from './ids-named.js';

let database: DataSource;
useRegistryDatabase((opened) => void (database = opened));

async function insertNode(kind: 'gateway' | 'relay', name: string, deletedAt: string | null = null): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into node (id, version, kind, name, cluster_id, address, public_key, enrolled_at, deleted_at)
     values ($1, 1, $2, $3, $4, $5, 'key', now(), $6)`,
    [id, kind, name, kind === 'relay' ? 'default' : null, kind === 'gateway' ? 'gateway:8443' : null, deletedAt],
  );
  return id;
}

it('finds gateways, deleted ones too, and proxy clusters by their names in any case', async () => {
  const older = await insertNode('gateway', 'edge', '2026-01-01T00:00:00Z');
  const newer = await insertNode('gateway', 'Edge');
  await insertNode('gateway', 'edge-2');
  await insertNode('relay', 'edges');
  await database.query("insert into proxy_cluster (id, version, name, name_key) values ('c000000000001', 1, 'Zürich', 'zürich')");
  expect(await readIdsNamed(database, { gateways: ['EDGE', 'edges'], proxyClusters: ['ZÜRICH', 'nowhere'] })).toEqual({
    gateways: [
      { name: 'EDGE', ids: [newer, older] },
      { name: 'edges', ids: [] },
    ],
    proxyClusters: [
      { name: 'ZÜRICH', ids: ['c000000000001'] },
      { name: 'nowhere', ids: [] },
    ],
  });
});

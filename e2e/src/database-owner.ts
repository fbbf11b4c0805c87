import type { TestSystem } from '@sluice/testing';
import pg from 'pg';

/** A connection to an installation's database as its owner, who may see and change everything. Whoever asks for it ends it. */
export async function databaseOwner(system: TestSystem): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  return client;
}

/** Gives a server a hostname that no relay dials and the registry does not take any more: a server of an earlier release may have it. */
export async function keepHostname(system: TestSystem, serverId: string, hostname: string): Promise<void> {
  const owner = await databaseOwner(system);
  await owner.query('update registry.resource set hostname = $2 where id = $1', [serverId, hostname]);
  await owner.query("insert into registry.outbox (kind, object_id) values ('resource', $1)", [serverId]);
  await owner.end();
}

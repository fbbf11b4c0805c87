import type { TestSystem } from '@sluice/testing';
import pg from 'pg';

/** A connection to an installation's database as its owner, who may see and change everything. Whoever asks for it ends it. */
export async function databaseOwner(system: TestSystem): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  return client;
}

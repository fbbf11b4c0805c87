import { openDatabase, SchemaBehindError } from '@sluice/persistence';
import type { TestStores } from '@sluice/testing';
import pg from 'pg';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { MIGRATIONS } from './migrations.js';

let stores: TestStores;
useAuditDatabase((_, started) => void (stores = started));

/** Opens the database as the service does, without waiting for its migrations. */
async function start(migrations = MIGRATIONS): Promise<void> {
  const url = stores.environmentOf('audit')['DATABASE_URL'] as string;
  const database = await openDatabase({ url, schema: 'audit', tables: [], migrations, waitMs: 0 });
  await database.destroy();
}

/** Does something as the owner of the database. */
async function asOwner(sql: string): Promise<void> {
  const owner = new pg.Client({ connectionString: stores.ownerUrl });
  await owner.connect();
  await owner.query(sql);
  await owner.end();
}

it('opens a schema that is of this release, or of a newer one', async () => {
  await start();
  await start(MIGRATIONS.slice(0, -1));
});

it('does not open the schema of an older release, and says which migration is needed', async () => {
  class Audit9999 {
    name = 'Audit99999000000009999';
    up = () => Promise.resolve();
    down = () => Promise.resolve();
  }
  const error = await start([...MIGRATIONS, Audit9999]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SchemaBehindError);
  expect((error as Error).message).toMatch(
    /^the schema audit was migrated by an older release: upgrade needed, at least to Audit99999000000009999 /,
  );
});

it('does not open a schema whose history it may not read, which is that of an older release', async () => {
  await asOwner('revoke select on audit.migration from sluice_audit');
  await expect(start()).rejects.toBeInstanceOf(SchemaBehindError);
  await asOwner('grant select on audit.migration to sluice_audit');
  await start();
});

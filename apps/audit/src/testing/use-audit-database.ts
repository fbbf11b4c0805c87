import { openDatabase } from '@sluice/persistence';
import { TestStores } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { beforeAll } from 'vitest';

/** Starts stores for the specs of a file, connects to the database as the audit service does, and closes both after the last spec. */
export function useAuditDatabase(prepare: (database: DataSource, stores: TestStores) => void | Promise<void>): void {
  beforeAll(async () => {
    const stores = await TestStores.start();
    const url = stores.environmentOf('audit')['DATABASE_URL'] as string;
    const database = await openDatabase({ url, schema: 'audit', tables: [] });
    await prepare(database, stores);
    return async () => {
      await database.destroy();
      await stores.stop();
    };
  }, 60_000);
}

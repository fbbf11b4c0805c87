import { type DatabaseOptions, openDatabase } from '@sluice/persistence';
import { TestStores } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { beforeAll } from 'vitest';

/** Starts stores for the specs of a file, connects to the database as the registry does, and closes both after the last spec. */
export function useRegistryDatabase(
  prepare: (database: DataSource) => void | Promise<void>,
  options: Partial<Pick<DatabaseOptions, 'tables' | 'poolSize'>> = {},
): void {
  beforeAll(async () => {
    const stores = await TestStores.start();
    const url = stores.environmentOf('registry')['DATABASE_URL'] as string;
    const database = await openDatabase({ url, schema: 'registry', tables: [], ...options });
    await prepare(database);
    return async () => {
      await database.destroy();
      await stores.stop();
    };
  }, 60_000);
}

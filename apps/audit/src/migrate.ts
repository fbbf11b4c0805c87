import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { migrate } from '@sluice/persistence';
import { readEnvironment, runTask } from '@sluice/process';
import { z } from 'zod';
import { MIGRATIONS } from './migrations/migrations.js';

/** Brings this service's schema up to date, as the owner of the database. @returns the names of the migrations that ran */
export const migrateSchema = (ownerUrl: string): Promise<string[]> => migrate(ownerUrl, 'audit', MIGRATIONS);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runTask('audit migrate', async () => {
    const environment = readEnvironment(z.object({ SLUICE_OWNER_DATABASE_URL: z.url() }), process.env);
    await migrateSchema(environment.SLUICE_OWNER_DATABASE_URL);
  });
}

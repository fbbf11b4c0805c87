import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError } from './home.js';

/** A service's migration, from its compiled code in a checkout: loaded while the servers start. */
export async function loadMigration(root: string, app: 'registry' | 'audit'): Promise<(ownerUrl: string) => Promise<unknown>> {
  const file = path.join(root, 'apps', app, 'dist', 'migrate.js');
  const { migrateSchema } = (await import(pathToFileURL(file).href)) as {
    migrateSchema: (ownerUrl: string) => Promise<unknown>;
  };
  return (ownerUrl) =>
    migrateSchema(ownerUrl).catch((cause: unknown) => {
      throw new StartError(`the database schema of ${app} could not be migrated: ${(cause as Error).message}`, { cause });
    });
}

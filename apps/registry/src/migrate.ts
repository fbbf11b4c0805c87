import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { migrate } from '@sluice/persistence';
import { readEnvironment, runTask } from '@sluice/process';
import { z } from 'zod';
import { Registry0001 } from './migrations/0001-registry.js';
import { Registry0002 } from './migrations/0002-settings.js';
import { Registry0003 } from './migrations/0003-fleet.js';
import { Registry0004 } from './migrations/0004-attempts.js';
import { Registry0005 } from './migrations/0005-people.js';
import { Registry0006 } from './migrations/0006-reach.js';
import { Registry0007 } from './migrations/0007-pending-facts.js';
import { Registry0008 } from './migrations/0008-look-ups.js';
import { Registry0009 } from './migrations/0009-deleted-accounts.js';
import { Registry0010 } from './migrations/0010-first-use.js';
import { Registry0011 } from './migrations/0011-since.js';
import { Registry0012 } from './migrations/0012-check-mode.js';
import { Registry0013 } from './migrations/0013-drain.js';

/** Brings this service's schema up to date, as the owner of the database. @returns the names of the migrations that ran */
export const migrateSchema = (ownerUrl: string): Promise<string[]> =>
  migrate(ownerUrl, 'registry', [
    Registry0001,
    Registry0002,
    Registry0003,
    Registry0004,
    Registry0005,
    Registry0006,
    Registry0007,
    Registry0008,
    Registry0009,
    Registry0010,
    Registry0011,
    Registry0012,
    Registry0013,
  ]);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runTask('registry migrate', async () => {
    const environment = readEnvironment(z.object({ SLUICE_OWNER_DATABASE_URL: z.url() }), process.env);
    await migrateSchema(environment.SLUICE_OWNER_DATABASE_URL);
  });
}

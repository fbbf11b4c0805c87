import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { migrate } from '@sluice/persistence';
import { readEnvironment, runTask } from '@sluice/process';
import { z } from 'zod';
import { Audit0001 } from './migrations/0001-audit.js';
import { Audit0002 } from './migrations/0002-agent-counts.js';
import { Audit0003 } from './migrations/0003-position.js';
import { Audit0004 } from './migrations/0004-evidence.js';
import { Audit0005 } from './migrations/0005-presumed.js';
import { Audit0006 } from './migrations/0006-silence.js';
import { Audit0007 } from './migrations/0007-bounds.js';
import { Audit0008 } from './migrations/0008-bytes.js';
import { Audit0009 } from './migrations/0009-foreign.js';
import { Audit0010 } from './migrations/0010-beginning.js';
import { Audit0013 } from './migrations/0013-export.js';
import { Audit0014 } from './migrations/0014-session-facts.js';
import { Audit0015 } from './migrations/0015-altered.js';
import { Audit0016 } from './migrations/0016-findings.js';
import { Audit0017 } from './migrations/0017-heads.js';
import { Audit0018 } from './migrations/0018-heartbeat.js';
import { Audit0019 } from './migrations/0019-search.js';
import { Audit0022 } from './migrations/0022-names.js';

/** Brings this service's schema up to date, as the owner of the database. @returns the names of the migrations that ran */
export const migrateSchema = (ownerUrl: string): Promise<string[]> =>
  migrate(ownerUrl, 'audit', [
    Audit0001,
    Audit0002,
    Audit0003,
    Audit0004,
    Audit0005,
    Audit0006,
    Audit0007,
    Audit0008,
    Audit0009,
    Audit0010,
    Audit0013,
    Audit0014,
    Audit0015,
    Audit0016,
    Audit0017,
    Audit0018,
    Audit0019,
    Audit0022,
  ]);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runTask('audit migrate', async () => {
    const environment = readEnvironment(z.object({ SLUICE_OWNER_DATABASE_URL: z.url() }), process.env);
    await migrateSchema(environment.SLUICE_OWNER_DATABASE_URL);
  });
}

import 'reflect-metadata';
import { migrate } from '@sluice/persistence';
import { readEnvironment } from '@sluice/process';
import { z } from 'zod';
import { Audit0001 } from './migrations/0001-audit.js';

// Brings the audit schema up to date. Run as the owner of the database, before the service starts.
const environment = readEnvironment(z.object({ SLUICE_OWNER_DATABASE_URL: z.url() }), process.env);
await migrate(environment.SLUICE_OWNER_DATABASE_URL, 'audit', [Audit0001]);

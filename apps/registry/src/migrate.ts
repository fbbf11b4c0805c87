import 'reflect-metadata';
import { migrate } from '@sluice/persistence';
import { readEnvironment } from '@sluice/process';
import { z } from 'zod';
import { Registry0001 } from './migrations/0001-registry.js';

// Brings the registry's schema up to date. Run as the owner of the database, before the service starts.
const environment = readEnvironment(z.object({ SLUICE_OWNER_DATABASE_URL: z.url() }), process.env);
await migrate(environment.SLUICE_OWNER_DATABASE_URL, 'registry', [Registry0001]);

/**
 * The whole system on one machine, with PostgreSQL and NATS from npm packages: what `npm start` and the tests run.
 *
 *   Installation ──► PostgreSQL, NATS ──► migrations ──► registry, audit, health ──► gateway ──► relay
 *                    each a child process that is started again when it ends, and stopped in the opposite order
 *
 * Everything that must survive lies in one home folder, which belongs to one user and to one running installation.
 */
export { ended, stopChild } from './child.js';
export { defaultHome, keptSecret, StartError } from './home.js';
export { Installation } from './installation.js';
export { loadMigration } from './load-migration.js';
export { countLiveSessions, waitingLine } from './live-sessions.js';
export { natsConfig, startNats } from './nats.js';
export { freePort } from './port.js';
export { startPostgres } from './postgres.js';
export { FIRST_ADMIN_EMAIL } from './service-environments.js';
export { ServiceProcess } from './service-process.js';
export { readSideSettings, readStartSettings } from './start-settings.js';
export { type RunningStore, type StoreServer } from './store.js';

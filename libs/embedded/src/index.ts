/**
 * The complete system on one machine, with PostgreSQL and NATS from npm packages, as `npm start` and the tests run it.
 *
 *   Installation ──► PostgreSQL, NATS ──► migrations ──► registry, audit, health ──► gateway ──► relay
 *                    each a child process that is restarted when it ends; they are stopped in the opposite order
 *
 * All persistent state is in one home folder, which belongs to one user and to one running installation.
 */
export { ended, stopChild } from './child.js';
export { defaultHome, keptSecret, StartError } from './home.js';
export { Installation } from './installation.js';
export { loadMigration } from './load-migration.js';
export { countLiveSessions, waitingLine } from './live-sessions.js';
export { natsConfig, startNats } from './nats.js';
export { findNats } from './nats-binary.js';
export { freePort } from './port.js';
export { startPostgres } from './postgres.js';
export { FIRST_ADMIN_EMAIL } from './service-environments.js';
export { ServiceProcess } from './service-process.js';
export { readSideSettings, readStartSettings } from './start-settings.js';
export { type RunningStore, type StoreServer } from './store.js';

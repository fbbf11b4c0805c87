/**
 * PostgreSQL through TypeORM, for services that own a schema: registry and audit. Migrations run as the database's owner,
 * the service as a role that may do less. Pages are read by cursors that hold the last row's sort key, never by offset.
 */
export { decodeCursor, pageOf } from './cursor.js';
export { eachAlone, isDataError, sqlStateOf } from './data-error.js';
export { DatabaseAwayError, migrate, openDatabase } from './database.js';
export { LockedListener } from './locked-listener.js';
export { violatedConstraint } from './violated-constraint.js';

/**
 * PostgreSQL through TypeORM, for services with a schema: registry and audit. Migrations run as the database's owner, the service
 * as a role with fewer privileges. Pages are read by cursors that contain the last row's sort key, never by offset.
 */
export { decodeCursor, decodeNumberCursor, pageOf } from './cursor.js';
export { eachAlone, isDataError, sqlStateOf } from './data-error.js';
export { DatabaseAwayError, migrate, openDatabase } from './database.js';
export { LockedListener } from './locked-listener.js';
export { violatedConstraint } from './violated-constraint.js';

/**
 * PostgreSQL through TypeORM, for the two services that own a schema, registry and audit. No other process has a password of it.
 *
 *   migrate         as the owner of the database ──► tables, constraints, triggers, privileges of the service's role
 *   openDatabase    as that role ──► DataSource: repositories and query builder, or SQL where that reads better
 *   pageOf          rows ──► a page and the cursor of the next one: the last row's sort key and id, never an offset
 *   LockedListener  advisory lock and LISTEN ──► of all copies of a service one does the work, as soon as there is some
 *
 * Constraints are named for the rule that they enforce, and `violatedConstraint` reads that name from a failed statement.
 * `isDataError` distinguishes data that would fail again from a server that may soon be available. `@sluice/persistence/nest`
 * is the entry point of Nest services.
 */
export { decodeCursor, decodeNumberCursor, encodeCursor, pageOf } from './cursor.js';
export { eachAlone, isDataError, sqlStateOf } from './data-error.js';
export { DatabaseAwayError, type DatabaseOptions, migrate, openDatabase, SchemaBehindError } from './database.js';
export { LockedListener } from './locked-listener.js';
export { violatedConstraint } from './violated-constraint.js';

export { decodeCursor, encodeCursor, pageOf } from './cursor.js';
export { type DatabaseOptions, migrate, openDatabase } from './database.js';
export { LockedListener } from './locked-listener.js';
export { violatedConstraint } from './violated-constraint.js';

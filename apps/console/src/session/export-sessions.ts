import { csvRow, csvRowOf, RECORD_COLUMNS } from '@sluice/domain';
import type { Session } from './sessions.js';

/** Sessions as CSV (RFC 4180), with the columns that `sluice` writes. */
export const sessionsAsCsv = (sessions: readonly Session[]): string =>
  [csvRow(RECORD_COLUMNS), ...sessions.map((session) => csvRowOf(session, RECORD_COLUMNS))].map((row) => `${row}\r\n`).join('');

/** Sessions as the API gives them, one JSON object a line. */
export const sessionsAsNdjson = (sessions: readonly Session[]): string =>
  sessions.map((session) => `${JSON.stringify(session)}\n`).join('');

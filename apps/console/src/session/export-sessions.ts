import type { Session } from './sessions.js';

const COLUMNS: readonly (readonly [string, (session: Session) => string | number | null])[] = [
  ['id', ({ id }) => id],
  ['startedAt', ({ startedAt }) => startedAt],
  ['endedAt', ({ endedAt }) => endedAt],
  ['state', ({ state }) => state],
  ['accountId', ({ account }) => account.id],
  ['account', ({ account }) => account.email],
  ['resourceId', ({ resource }) => resource.id],
  ['resource', ({ resource }) => resource.name],
  ['relay', ({ relay }) => relay?.name ?? null],
  ['proxyCluster', ({ proxyCluster }) => proxyCluster],
  ['gateway', ({ gateway }) => gateway],
  ['clientAddress', ({ clientAddress }) => clientAddress],
  ['dialledAddress', ({ dialledAddress }) => dialledAddress],
  ['durationMs', ({ durationMs }) => durationMs],
  ['bytesUp', ({ bytesUp }) => bytesUp],
  ['bytesDown', ({ bytesDown }) => bytesDown],
  ['exactness', ({ exactness }) => exactness],
  ['agentBytesUp', ({ agentBytesUp }) => agentBytesUp],
  ['agentBytesDown', ({ agentBytesDown }) => agentBytesDown],
  ['outcome', ({ outcome }) => outcome],
  ['endReason', ({ endReason }) => endReason],
  ['message', ({ message }) => message],
  ['rule', ({ rule }) => rule],
  ['repeats', ({ repeats }) => repeats],
];

/** Sessions as CSV (RFC 4180), the same columns whatever there is. */
export function sessionsAsCsv(sessions: readonly Session[]): string {
  const rows = [COLUMNS.map(([name]) => name), ...sessions.map((session) => COLUMNS.map(([, read]) => read(session)))];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Sessions as the API gives them, one JSON object a line. */
export const sessionsAsNdjson = (sessions: readonly Session[]): string =>
  sessions.map((session) => `${JSON.stringify(session)}\n`).join('');

/** A spreadsheet runs what begins like a formula; names and messages are other people's, so such a text gets a quote in front. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

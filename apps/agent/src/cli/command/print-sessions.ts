import { type Schemas } from '@sluice/sdk';
import type { Output } from '../terminal/output.js';
import { showCounted, showDuration, showTime } from '../terminal/show.js';

type AuditRecord = Schemas['AuditRecord'];

/** How exact a record's figures are: those of a running session are from its last checkpoint. */
const exactnessOf = ({ state, exactness }: AuditRecord) => (state === 'final' ? (exactness ?? 'exact') : 'at least');

/** How long a session lasted, or has been running until now. */
const durationOf = ({ state, startedAt, durationMs }: AuditRecord, now: number): string | null => {
  const ms = state === 'live' ? Math.max(0, now - Date.parse(startedAt)) : durationMs;
  return ms === null ? null : showDuration(ms);
};

/** Prints records of sessions. */
export const printSessions = (out: Output, records: readonly AuditRecord[], empty: string, now = Date.now()): void =>
  out.list(
    records,
    ['STARTED', 'ACCOUNT', 'SERVER', 'DURATION', 'UP', 'DOWN', 'OUTCOME', 'END REASON', 'ID'],
    (record) => [
      showTime(record.startedAt),
      record.account.email ?? record.account.id,
      record.resource.name ?? record.resource.id,
      durationOf(record, now),
      showCounted(record.bytesUp ?? (record.state === 'live' ? 0 : null), exactnessOf(record)),
      showCounted(record.bytesDown ?? (record.state === 'live' ? 0 : null), exactnessOf(record)),
      record.state === 'final' ? record.outcome : record.state,
      record.endReason,
      record.id,
    ],
    empty,
  );

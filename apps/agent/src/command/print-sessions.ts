import { bytesCarried, exactnessOf, RECORD_COLUMNS } from '@sluice/domain';
import { type Schemas } from '@sluice/sdk';
import { minor, whole } from '../terminal/fit-columns.js';
import type { Output } from '../terminal/output.js';
import { showCounted, showDuration, showTime } from '../terminal/show.js';

type AuditRecord = Schemas['AuditRecord'];

/** How long a session lasted, or has been running until now. */
const durationOf = ({ state, startedAt, durationMs }: AuditRecord, now: number): string | null => {
  const ms = state === 'live' ? Math.max(0, now - Date.parse(startedAt)) : durationMs;
  return ms === null ? null : showDuration(ms);
};

/** Prints records of sessions. */
export const printSessions = (out: Output, records: readonly AuditRecord[], empty: string, now = Date.now()): void =>
  out.list(records, {
    head: [
      'STARTED',
      'ACCOUNT',
      'SERVER',
      minor('DURATION', 3),
      minor('UP', 4),
      minor('DOWN', 5),
      minor('OUTCOME', 1),
      minor('END REASON', 2),
      whole('ID'),
    ],
    row: (record) => [
      showTime(record.startedAt),
      record.account.email ?? record.account.id,
      record.resource.name ?? record.resource.id,
      durationOf(record, now),
      showCounted(bytesCarried(record.bytesUp, record), exactnessOf(record)),
      showCounted(bytesCarried(record.bytesDown, record), exactnessOf(record)),
      record.state === 'final' ? record.outcome : record.state,
      record.endReason,
      record.id,
    ],
    empty: empty,
    csv: RECORD_COLUMNS,
  });

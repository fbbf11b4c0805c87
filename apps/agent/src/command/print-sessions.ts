import { bytesCarried, exactnessOf } from '@sluice/domain';
import { type Schemas } from '@sluice/sdk';
import { minor, whole } from '../terminal/fit-columns.js';
import type { Output, Rows } from '../terminal/output.js';
import { showCounted, showDuration, showTime } from '../terminal/show.js';

type AuditRecord = Schemas['AuditRecord'];

/** How long a session lasted, or has been running until now. */
const durationOf = ({ state, startedAt, durationMs }: AuditRecord, now: number): string | null => {
  const ms = state === 'live' ? Math.max(0, now - Date.parse(startedAt)) : durationMs;
  return ms === null ? null : showDuration(ms);
};

/** What CSV has of a record. */
export const SESSION_FIELDS: Rows<AuditRecord>['columns'] = [
  ...(['id', 'requestId', 'attempt', 'state', 'account.id', 'account.email', 'resource.id', 'resource.name'] as const),
  ...(['resource.tags', 'relay.id', 'relay.name', 'proxyCluster', 'gateway', 'clientAddress', 'dialledAddress'] as const),
  ...(['startedAt', 'endedAt', 'durationMs', 'bytesUp', 'bytesDown', 'exactness', 'agentBytesUp', 'agentBytesDown'] as const),
  ...(['countsDiffer', 'outcome', 'endReason', 'message', 'endedBy.id', 'endedBy.email', 'endedBy.why'] as const),
  ...(['revocationMs', 'rule', 'sharedListener', 'source', 'repeats'] as const),
];

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
    csv: SESSION_FIELDS,
  });

import { type ChangedSession, SESSIONS_CHANGED, type SessionsChanged } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { DataSource } from 'typeorm';
import { type RecordFact, sessionOf } from '../fact/read-fact.js';

const UNNAMED: SessionsChanged = { opened: [], closed: [], progressed: [], more: true };

/** What a fact does to a record, for who watches. */
const KINDS = {
  opened: 'opened',
  checkpoint: 'progressed',
  closed: 'closed',
  refused: 'closed',
  failed: 'closed',
  unanswered: 'closed',
} as const satisfies Record<RecordFact['kind'], 'opened' | 'closed' | 'progressed'>;

/**
 * Announces to the gateways which records have changed, for the browsers that show them: one message for a batch that is committed. It
 * is a hint: facts never wait for it, and if one cannot be made or may be lost, the next one has `more` set.
 */
export class SessionChanges {
  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
  ) {
    bus.onChange((up) => {
      if (up) this.announceMore();
    });
  }

  /** Announces the records that follow from the new facts of a batch. It never throws. */
  async announce(records: readonly RecordFact[]): Promise<void> {
    const kinds = new Map<string, Set<'opened' | 'closed' | 'progressed'>>();
    for (const record of records) {
      const id = sessionOf(record);
      kinds.set(id, (kinds.get(id) ?? new Set()).add(KINDS[record.kind]));
    }
    if (kinds.size === 0) return;
    try {
      const rows = await this.database.query<ChangedSession[]>(
        'select id, account_id as account from session where id = any($1::uuid[]) and started_at is not null',
        [[...kinds.keys()]],
      );
      const of = (kind: 'opened' | 'closed' | 'progressed') => rows.filter(({ id }) => kinds.get(id)?.has(kind));
      this.publish({ opened: of('opened'), closed: of('closed'), progressed: of('progressed'), more: false });
    } catch {
      this.announceMore(); // the records are stored, so pages that show them have to read them again
    }
  }

  /** Announces that records have changed, without naming them. */
  announceMore(): void {
    this.publish(UNNAMED);
  }

  private publish(hint: SessionsChanged): void {
    this.bus.publish(SESSIONS_CHANGED, hint);
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { type SessionFactKind, SessionIds } from '@sluice/contracts';
import { sampleClosed, sampleFact, sampleOpened, sampleRefused } from '@sluice/testing';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { readFact } from '../fact/read-fact.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import type { StreamMessage } from './store-batch.js';
import { storeFacts } from './store-facts.js';

/** `SLUICE_FUZZ_RUNS` sets the number of runs, `SLUICE_FUZZ_SEED` repeats them. */
const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 60);
const SEED = Number(process.env['SLUICE_FUZZ_SEED']);

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

/** A fact of a relay that keeps to no rule: numbers and ids may be used again, for whatever content. */
interface Lie {
  readonly kind: SessionFactKind;
  readonly session: number;
  readonly journal: number;
  readonly number: number;
  /** An id that others may have too; undefined if the id is made of the number, as an honest relay does. */
  readonly sharedId: number | undefined;
  /** Which of several contents. */
  readonly content: number;
  /** Whether a batch ends with this fact. */
  readonly last: boolean;
}

const lie: fc.Arbitrary<Lie> = fc.record({
  kind: fc.constantFrom<SessionFactKind>('opened', 'opened', 'opened', 'closed', 'checkpoint', 'refused', 'failed'),
  session: fc.nat(2),
  journal: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  number: fc.integer({ min: 1, max: 8 }),
  sharedId: fc.option(fc.nat(1), { nil: undefined, freq: 2 }),
  content: fc.nat(2),
  last: fc.boolean(),
});

interface Row {
  readonly id: string;
  readonly state: string;
  readonly account_id: string | null;
  readonly bytes_up: string | null;
  readonly end_reason: string | null;
}
type Content = { sessionId: string; account?: { id: string }; bytesUp?: number; endReason?: string };
interface Accepted {
  readonly kind: string;
  readonly data: Content;
  readonly incarnation: string;
  readonly number: number;
}

/** What the record of a session must be if these are its facts; undefined where no record can be made of them. */
function fold(facts: readonly Accepted[]): Omit<Row, 'id'> | undefined {
  if (facts.length === 0) return undefined;
  const only = (kinds: string[]): Accepted | undefined => {
    const some = facts.filter(({ kind }) => kinds.includes(kind));
    const contents = new Set(some.map(({ data }) => JSON.stringify([data.bytesUp, data.endReason])));
    expect(contents.size, 'facts that say different things are not all accepted').toBeLessThanOrEqual(1);
    return some[0];
  };
  const begun = facts.filter(({ kind }) => ['opened', 'refused', 'failed'].includes(kind));
  expect(begun.length, 'a session begins once').toBeLessThanOrEqual(1);
  const end = only(['closed']) ?? only(['refused', 'failed']);
  const checkpoints = facts.filter(({ kind }) => kind === 'checkpoint').map(({ data }) => data.bytesUp ?? 0);
  const bytes = end ? (end.data.bytesUp ?? 0) : checkpoints.length > 0 ? Math.max(...checkpoints) : null;
  return {
    state: end ? 'final' : 'live',
    account_id: begun[0]?.data.account?.id ?? null,
    bytes_up: bytes === null ? null : String(bytes),
    end_reason: end?.data.endReason ?? null,
  };
}

it(`every record is the fold of the facts that are stored, and every fact is stored or reported (seed ${SEED})`, async () => {
  const check = async (lies: Lie[]) => {
    const node = randomUUID();
    const ids = new SessionIds(node);
    const journals = [randomUUID(), randomUUID()] as const;
    const sessions = [ids.next(), ids.next(), ids.next()];
    const messages = lies.map((each, index) => messageOf(each, index));
    let batch: StreamMessage[] = [];
    for (const [index, message] of messages.entries()) {
      batch.push(message);
      if (!lies[index]?.last && index < messages.length - 1) continue;
      expect((await storeFacts(database, batch)).bare).toBe(0);
      batch = [];
    }

    const rows = await database.query<
      { subject: string; id: string; bytes: Buffer; incarnation: string | null; number: string | null }[]
    >('select subject, id, bytes, incarnation, number from fact where author = $1', [node]);
    const quarantined = await database.query<{ subject: string; fact_id: string | null; digest: Buffer }[]>(
      'select subject, fact_id, digest from quarantine where author = $1',
      [node],
    );
    const reported = await database.query<{ findings: number }[]>(
      "select coalesce(sum(findings), 0)::int as findings from integrity where author = $1 and kind in ('quarantined', 'conflict')",
      [node],
    );
    expect(reported[0]?.findings).toBe(quarantined.length);

    const kept = new Set([...rows, ...quarantined].map((row) => `${row.subject} ${digest('bytes' in row ? row.bytes : row)}`));
    for (const { subject, data } of messages) expect(kept).toContain(`${subject} ${digest(Buffer.from(data))}`);

    const notAccepted = new Set(quarantined.flatMap(({ fact_id: id }) => id ?? []));
    const factsOf = (id: string, all: typeof rows): Accepted[] =>
      all.flatMap(({ subject, bytes }) => {
        const { record, place, incarnation } = readFact(subject, bytes);
        const data = record?.data as Content | undefined;
        if (!record || data?.sessionId !== id) return [];
        return [{ kind: record.kind, data, incarnation: incarnation ?? '', number: place?.number ?? 0 }];
      });
    const accepted = rows.filter(({ id }) => !notAccepted.has(id));
    const records = await database.query<Row[]>(
      'select id, state, account_id, bytes_up, end_reason from session where relay_id = $1',
      [node],
    );
    for (const id of sessions) {
      const { id: found, ...record } = records.find((row) => row.id === id) ?? { id: undefined };
      expect([id, found === undefined ? undefined : record]).toEqual([id, fold(factsOf(id, accepted))]);
      if (found === undefined || (record as Row).state === 'final') continue;
      const beginnings = factsOf(id, rows).filter(({ kind }) => ['opened', 'refused', 'failed'].includes(kind));
      const lowest = beginnings.sort((a, b) => a.number - b.number || (a.incarnation < b.incarnation ? -1 : 1))[0];
      expect((record as Row).account_id).toBe(lowest?.data.account?.id ?? null);
    }
    expect(records.length).toBeLessThanOrEqual(sessions.length);

    for (const journal of journals) {
      const numbers = new Set(rows.filter(({ incarnation }) => incarnation === journal).map(({ number }) => Number(number)));
      let through = 0;
      while (numbers.has(through + 1)) through++;
      const [chain] = await database.query<{ through: string }[]>(
        'select through from chain where author = $1 and incarnation = $2',
        [node, journal],
      );
      expect(Number(chain?.through ?? 0)).toBe(through);
    }

    function messageOf({ kind, session, journal, number, sharedId, content }: Lie, seq: number): StreamMessage {
      const id = sessions[session] as string;
      const place = {
        incarnation: journals[journal as 0 | 1],
        ...(kind === 'checkpoint' ? {} : { number }),
        ...(sharedId === undefined ? {} : { id: `shared-${sharedId}` }),
      };
      const at = '2025-11-26T12:00:00.000Z';
      const account = { account: { id: `account-${content}`, email: null }, requestId: id, startedAt: at };
      const data = {
        opened: { ...sampleOpened(id, node), ...account },
        refused: { ...sampleRefused(id, node), ...account, endedAt: at, message: String(content) },
        failed: { ...sampleRefused(id, node), ...account, endedAt: at, endReason: 'unreachable' },
        closed: { ...sampleClosed(id), endedAt: at, bytesUp: content },
        checkpoint: { sessionId: id, at, bytesUp: content, bytesDown: content, durationMs: content },
      }[kind];
      return { ...sampleFact(kind, node, data, place, { time: at }), seq };
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(lie, { minLength: 1, maxLength: 16 }), check), {
    numRuns: RUNS,
    seed: SEED,
    endOnFailure: true,
  });
}, 3_600_000);

const digest = (of: Buffer | { digest: Buffer }): string =>
  (Buffer.isBuffer(of) ? createHash('sha256').update(of).digest() : of.digest).toString('hex');

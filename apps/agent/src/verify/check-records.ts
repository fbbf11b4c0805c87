import { isDeepStrictEqual } from 'node:util';
import { parseJson, plainValue } from '@sluice/domain';
import type { ChainCheck } from './check-chain.js';
import type { Problems } from './problems.js';
import { quote } from './problems.js';
import type { Fact } from './read-fact.js';
import { readTime } from './read-time.js';

type Values = Readonly<Record<string, unknown>>;

/** What the facts of a session say: what its record must say, by the paths of the record's fields. */
interface Expected {
  readonly begin?: { readonly fact: Place; readonly values: Values };
  readonly end?: { readonly fact: Place; readonly values: Values };
  /** Facts of different incarnations begin it, which cannot be put in an order. */
  readonly ambiguous?: boolean;
}

interface Place {
  readonly author: string;
  readonly incarnation: string;
  readonly number: number;
  readonly line: number;
}

const SAME_MOMENT = new Set(['startedAt', 'endedAt']);
/** End reasons of sessions that were lost although they had been opened. */
const LOST = new Set(['link lost', 'relay lost', 'journal failed']);
/** The end of a lost session may be presumed, without a fact. */
const PRESUMED = 'relay lost';
/** How much later than it happened a fact is written at most: a dial takes time, and combined attempts are written after a minute. */
const SLACK_MS = 120_000;

/** Compares records with the facts of their sessions. Facts come first. */
export class RecordsCheck {
  /** What the facts say, by relay and session, as JSON: objects would need several times the memory. */
  private readonly expected = new Map<string, string>();
  private readonly seen = new Set<string>();
  checked = 0;

  constructor(private readonly problems: Problems) {}

  /** Takes a fact that contributes to a record. */
  takeFact(line: number, { author = '', kind, session, body }: Fact): void {
    if (session === undefined || kind === 'session.checkpoint') return;
    const key = `${author} ${session}`;
    const known = this.read(key);
    const fact = { author, incarnation: body.incarnation, number: body.number, line };
    const begins = kind !== 'session.closed';
    const next: { -readonly [K in keyof Expected]: Expected[K] } = { ...known };
    if (begins && known.begin && known.begin.fact.incarnation !== fact.incarnation) next.ambiguous = true;
    const first = begins && !known.begin; // in the order of the file, the one with the lowest number comes first
    if (first) next.begin = { fact, values: beginning(body.data) };
    if (kind !== 'session.opened' && (first || !begins) && !known.end) next.end = { fact, values: ending(kind, body.data) };
    this.expected.set(key, JSON.stringify(next));
  }

  private read(key: string): Expected {
    return parseJson(this.expected.get(key) ?? '{}') as Expected;
  }

  /** Takes a record. @param chains the chains of a relay */
  takeRecord(line: number, record: Values, chains: (author: string) => readonly ChainCheck[]): void {
    if (record['source'] !== 'relay') return;
    const [id, author] = [valueAt(record, 'id'), valueAt(record, 'relay.id')];
    if (typeof id !== 'string' || typeof author !== 'string')
      return this.problems.add(line, 'malformed', 'the record names no session or no relay');
    const isFinal = record['state'] === 'final';
    if (Number.isNaN(readTime(record['startedAt'])) || (isFinal && Number.isNaN(readTime(record['endedAt']))))
      return this.problems.add(line, 'malformed', `the record of session ${id} has no readable times`, { author, session: id });
    const key = `${author} ${id.toLowerCase()}`;
    this.seen.add(key);
    const { begin, end, ambiguous } = this.read(key);
    if (ambiguous === true) return;
    const without = (what: 'startedAt' | 'endedAt') => {
      const at = readTime(record[what]);
      return chains(author).some(({ covered }) => covered && covered.from + SLACK_MS <= at && at + SLACK_MS <= covered.until);
    };
    if (!begin && without('startedAt')) {
      const place = { author, session: id };
      return this.problems.add(line, 'record-unfounded', `no fact says that session ${id} began`, place);
    }
    if (!begin && !end) return;
    this.checked++;
    const place = { ...placeOf((end ?? begin)?.fact as Place), session: id };
    const values = { ...begin?.values, ...(end && { ...end.values, state: 'final' }) };
    for (const [field, value] of Object.entries(values)) {
      if (isSame(field, valueAt(record, field), value)) continue;
      const message = `the record of session ${id} says ${field} ${quote(valueAt(record, field))}, and its facts say ${quote(value)}`;
      return this.problems.add(line, 'record-differs', message, place);
    }
    if (isFinal && !end && record['endReason'] !== PRESUMED && without('endedAt'))
      this.problems.add(line, 'record-unfounded', `no fact says that session ${id} ended`, place);
  }

  /** Ends the records: those of all sessions that began within this time should have been taken. */
  end(since: number, until: number): void {
    for (const key of this.expected.keys()) {
      if (this.seen.has(key)) continue;
      const { begin } = this.read(key);
      const at = readTime(begin?.values['startedAt']);
      if (!begin || !(at >= since && at < until)) continue;
      const session = key.slice(key.indexOf(' ') + 1);
      this.problems.add(begin.fact.line, 'record-missing', `the record of session ${session} is missing`, {
        ...placeOf(begin.fact),
        session,
      });
    }
  }
}

const placeOf = ({ author, incarnation, number }: Place) => ({ author, incarnation, number });

const beginning = (data: Values): Values =>
  Object.fromEntries(
    [
      ...['requestId', 'attempt', 'account', 'gateway', 'clientAddress', 'dialledAddress', 'rule', 'sharedListener', 'startedAt'],
      ...['resource.id', 'resource.name', 'resource.tags', 'relay.id', 'relay.name'],
    ].map((field) => [field, valueAt(data, field)]),
  );

function ending(kind: string, data: Values): Values {
  const field = (name: string) => valueAt(data, name);
  const common = {
    endReason: field('endReason'),
    message: field('message'),
    durationMs: field('durationMs'),
    endedAt: field('endedAt'),
  };
  if (kind !== 'session.closed') {
    const none = {
      bytesUp: 0,
      bytesDown: 0,
      exactness: 'exact',
      endedBy: null,
      revocationMs: null,
      agentBytesUp: null,
      agentBytesDown: null,
    };
    return { ...common, ...none, countsDiffer: false, repeats: field('repeats'), outcome: kind.slice('session.'.length) };
  }
  return {
    ...common,
    bytesUp: field('bytesUp'),
    bytesDown: field('bytesDown'),
    exactness: field('exactness'),
    endedBy: field('endedBy'),
    revocationMs: field('revocationMs'),
    agentBytesUp: field('agent.bytesUp'),
    agentBytesDown: field('agent.bytesDown'),
    countsDiffer: field('agent.differs') ?? false,
    repeats: 1,
    outcome: LOST.has(String(field('endReason'))) ? 'failed' : 'completed',
  };
}

function valueAt(of: Values, path: string): unknown {
  let value: unknown = of;
  for (const part of path.split('.')) value = typeof value === 'object' && value !== null ? (value as Values)[part] : undefined;
  return value ?? null;
}

function isSame(field: string, one: unknown, other: unknown): boolean {
  if (SAME_MOMENT.has(field)) return readTime(one) === readTime(other);
  return isDeepStrictEqual(plainValue(one), plainValue(other)); // records have plain texts only
}

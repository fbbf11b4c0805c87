import type { Actor, InputOf, listSessions, OutputOf } from '@sluice/contracts';
import { clientAddressSpellings } from '@sluice/domain';
import { decodeCursor, encodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { ownOnly, type SessionRow, showRecord, WITH_CLUSTER } from './sessions.js';

/** How many records a request looks at if it must look at each of them. */
const MOST_LOOKED_AT = 20_000;

type FoundRow = SessionRow & { readonly started_key: string };

/** Conditions of SQL, and the values that they refer to. */
class Conditions {
  constructor(private readonly values: unknown[]) {}

  private readonly all: string[] = [];

  /** Adds a condition. */
  add(condition: string): void {
    this.all.push(condition);
  }

  /** Adds a condition on a value, unless that is not given. */
  given(value: unknown, condition: (place: string) => string): void {
    if (value !== undefined && value !== null) this.add(condition(this.place(value)));
  }

  /** What a value is called in a condition. */
  place(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  toString(): string {
    return this.all.join(' and ');
  }
}

/**
 * One page of records, newest first. A record is hidden until its beginning is known.
 *
 * Accounts, resources and live sessions have an index, and so has the time. The other filters have none: each would make every
 * session more expensive to store, for questions that are asked seldom. They are applied to a limited number of records from where
 * the page begins, so that a filter that almost nothing fits does not read the whole table; the cursor continues after the last
 * record that was looked at, and `since` and `until` limit how many there are.
 */
export async function searchSessions(
  database: DataSource,
  actor: Actor,
  input: InputOf<typeof listSessions>,
  mostLookedAt = MOST_LOOKED_AT,
): Promise<OutputOf<typeof listSessions>> {
  const values: unknown[] = [];
  const indexed = indexedConditions(values, actor, input);
  const indexedValues = values.length;
  const others = otherConditions(values, input);
  const order = 'order by started_at desc, id desc';
  const looked = `select * from session where ${indexed.toString()} ${order}`;
  const from = others.isEmpty
    ? looked
    : `select * from (${looked} limit ${mostLookedAt}) looked where ${others.toString()} ${order}`;
  const pageIn = async (tx: Pick<EntityManager, 'query'>) => {
    const found = await tx.query<FoundRow[]>(
      `select *, started_at::text as started_key, ${WITH_CLUSTER} from (${from} limit ${input.limit + 1}) session ${order}`,
      values,
    );
    return pageOf(found, input.limit, (row) => [row.started_key, row.id], showRecord);
  };
  if (others.isEmpty) return pageIn(database);
  // one state of the table for both questions, or a session that ends between them would move the end of those looked at
  return database.transaction('REPEATABLE READ', async (tx) => {
    const page = await pageIn(tx);
    if (page.nextCursor !== undefined) return page;
    const [last] = await tx.query<FoundRow[]>(
      `select id, started_at::text as started_key from session where ${indexed.toString()} ${order} limit 1 offset ${mostLookedAt - 1}`,
      values.slice(0, indexedValues),
    );
    return last === undefined ? page : { ...page, nextCursor: encodeCursor(last.started_key, last.id) };
  });
}

function indexedConditions(values: unknown[], actor: Actor, input: InputOf<typeof listSessions>): Conditions {
  const where = new Conditions(values);
  where.add('started_at is not null');
  where.given(ownOnly(actor), (p) => `account_id = ${p}`);
  where.given(input.account, (p) => `(account_id = ${p} or lower(account_email) = lower(${p}))`);
  where.given(input.resource, (p) => `(resource_id = ${p} or lower(resource_name) = lower(${p}))`);
  where.given(input.since, (p) => `started_at >= ${p}::timestamptz`);
  where.given(input.until, (p) => `started_at < ${p}::timestamptz`);
  if (input.live !== undefined) where.add(input.live ? "state = 'live'" : "state <> 'live'");
  if (input.cursor !== undefined) {
    const [startedAt, id] = decodeCursor(input.cursor, { key: 'time', id: 'uuid' });
    where.add(`(started_at, id) < (${where.place(startedAt)}::timestamptz, ${where.place(id)}::uuid)`);
  }
  return where;
}

function otherConditions(values: unknown[], input: InputOf<typeof listSessions>): Conditions {
  const where = new Conditions(values);
  where.given(input.node, (p) => `(relay_id = ${p} or lower(relay_name) = lower(${p}))`);
  where.given(input.proxyCluster, (p) => `relay_id in (select c.relay_id from relay_cluster c where c.cluster = ${p})`);
  where.given(input.gateway, (p) => `gateway = ${p}`);
  where.given(
    input.clientAddress === undefined ? undefined : clientAddressSpellings(input.clientAddress),
    (p) =>
      `exists (select from unnest(${p}::text[]) one where client_address = one or (right(one, 1) = ':' and starts_with(client_address, one)))`,
  );
  where.given(input.outcome, (p) => `outcome = ${p}`);
  where.given(input.endReason, (p) => `end_reason = ${p}`);
  where.given(input.rule, (p) => `lower(rule) = lower(${p})`);
  return where;
}

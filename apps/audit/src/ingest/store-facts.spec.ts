import { createHash, randomUUID } from 'node:crypto';
import { FIRST_PREVIOUS, type SessionFactKind, SessionIds } from '@sluice/contracts';
import { sampleClosed, sampleFact, sampleOpened, sampleRefused } from '@sluice/testing';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import type { StreamMessage } from './store-batch.js';
import { storeFacts } from './store-facts.js';

let database: DataSource;
let owner: pg.Client;
let seq = 0;

useAuditDatabase(async (opened, stores) => {
  database = opened;
  owner = new pg.Client(stores.ownerUrl);
  await owner.connect();
});
afterAll(() => owner.end());

/** A relay that nothing has been received of. */
function newRelay() {
  const node = randomUUID();
  const incarnation = randomUUID();
  const ids = new SessionIds(node);
  const hashes = new Map([[0, FIRST_PREVIOUS]]);
  /** Chained to the fact with the number before, if that was made first. */
  const message = (kind: SessionFactKind, data: object, place: { number?: number; id?: string }, more: object = {}) => {
    const previous = hashes.get((place.number ?? 1) - 1);
    const chained = place.number === undefined || previous === undefined ? more : { previous, ...more };
    const fact = sampleFact(kind, node, data, { incarnation, ...place }, chained);
    if (place.number !== undefined) hashes.set(place.number, createHash('sha256').update(fact.data).digest('hex'));
    return { ...fact, seq: ++seq };
  };
  const refused = (number: number, more: object = {}, id?: string): StreamMessage =>
    message('refused', { ...sampleRefused(ids.next(), node), ...more }, id === undefined ? { number } : { number, id });
  return { node, incarnation, ids, message, refused };
}
type Relay = ReturnType<typeof newRelay>;

let relay: Relay;
let other: Relay;
beforeEach(() => {
  relay = newRelay();
  other = newRelay();
});

const store = (...messages: StreamMessage[]) => storeFacts(database, messages);
const throughOf = async ({ node, incarnation }: Relay): Promise<number> => {
  const rows = await database.query<{ through: string }[]>('select through from chain where author = $1 and incarnation = $2', [
    node,
    incarnation,
  ]);
  return Number(rows[0]?.through ?? 0);
};
const recordOf = async (id: string) =>
  (await database.query<Record<string, unknown>[]>('select * from session where id = $1', [id]))[0];
const messagesOf = async ({ node }: Relay) =>
  (await database.query<{ message: string }[]>('select message from session where relay_id = $1 order by message', [node])).map(
    ({ message }) => message,
  );
const quarantineOf = ({ node }: Relay) =>
  database.query<{ kind: string; reason: string; fact_id: string | null }[]>(
    'select kind, reason, fact_id from quarantine where author = $1 order by id',
    [node],
  );
const findingsOf = async ({ node }: Relay) =>
  (
    await database.query<{ kind: string; findings: number }[]>(
      'select kind, sum(findings)::int as findings from integrity where author = $1 group by kind order by kind',
      [node],
    )
  ).map(({ kind, findings }) => `${kind} ${findings}`);

it('stores the facts of a batch in which the reason for quarantining one is cut within a character', async () => {
  const node = `${'a'.repeat(500 - 'the fact says node '.length - 1)}\u{1F600}`;
  const cut = relay.message('refused', sampleRefused(relay.ids.next(), relay.node), { number: 1 }, { node });
  await store(cut, other.refused(1, { message: 'of another' }));
  expect(await messagesOf(other)).toEqual(['of another']);
  expect(await quarantineOf(relay)).toMatchObject([
    { kind: 'quarantined', reason: expect.stringMatching(/^the fact says node a+$/) },
  ]);
  expect([await throughOf(relay), await findingsOf(relay)]).toEqual([1, ['quarantined 1']]);
});

it('makes no record of a fact that is not stored, though another one of its batch has the same id', async () => {
  await store(relay.refused(1, { message: 'one' }));
  const id = randomUUID();
  await store(relay.refused(1, { message: 'not stored' }, id), relay.refused(2, { message: 'stored' }, id));
  expect(await messagesOf(relay)).toEqual(['one', 'stored']);
  expect(await quarantineOf(relay)).toMatchObject([{ kind: 'conflict', fact_id: null }]);
  expect([await throughOf(relay), await findingsOf(relay)]).toEqual([2, ['altered 1', 'conflict 1']]); // 2 names the hash of the other 1
});

it('reports the same bytes under another subject', async () => {
  const opened = relay.refused(1, { message: 'refused' });
  const failed = { ...opened, subject: opened.subject.replace('.refused.', '.failed.'), seq: ++seq };
  await store(opened, failed);
  await store(failed);
  expect(await quarantineOf(relay)).toMatchObject([{ kind: 'conflict' }]);
});

it('does not fail over a gap that gets more facts than were missing from it', async () => {
  await database.query('insert into gap (author, incarnation, first_number, last_number, missing) values ($1, $2, 1, 3, 1)', [
    relay.node,
    relay.incarnation,
  ]);
  await store(relay.refused(1), relay.refused(2), relay.refused(3), other.refused(1, { message: 'of another' }));
  expect(await messagesOf(other)).toEqual(['of another']);
  expect(
    await database.query('select missing::int, filled_at is not null as filled from gap where author = $1', [relay.node]),
  ).toEqual([{ missing: 0, filled: true }]);
  const [late] = await database.query<{ detail: object }[]>("select detail from integrity where author = $1 and kind = 'late'", [
    relay.node,
  ]);
  expect(late?.detail).toMatchObject({ facts: 3, gap: { from: 1, to: 3, missing: 0, surplus: 2 } });
});

/** Makes an insert fail outside every savepoint, for one author, with this SQLSTATE. */
async function failFor(table: string, author: string, state: string): Promise<() => Promise<void>> {
  const name = `fail_${randomUUID().replaceAll('-', '')}`;
  await owner.query(
    `create function audit.${name}() returns trigger language plpgsql as $$
     begin if new.author = '${author}' then raise exception 'this fails' using errcode = '${state}'; end if; return new; end $$;
     create trigger ${name} before insert on audit.${table} for each row execute function audit.${name}()`,
  );
  return async () => void (await owner.query(`drop trigger ${name} on audit.${table}; drop function audit.${name}()`));
}

it.each(['traffic', 'quarantine', 'integrity'])(
  'stores the other facts of a batch, and counts the number, where a fact makes code around its record fail: %s',
  async (table) => {
    const repair = await failFor(table, relay.node, '22P02');
    const bad = [relay.refused(1, { endReason: 'idle' }), relay.refused(2, { endReason: 'idle' }), relay.refused(3)];
    const good = Array.from({ length: 40 }, (_, i) => other.refused(i + 1, { message: String(i + 100) }));
    const { bare, progress } = await store(...good.slice(0, 13), ...bad.slice(0, 2), ...good.slice(13), ...bad.slice(2));
    await repair();
    expect(await messagesOf(other)).toEqual(good.map((_, i) => String(i + 100)));
    expect([await throughOf(other), await throughOf(relay)]).toEqual([40, 3]);
    expect(progress).toContainEqual({ author: relay.node, incarnation: relay.incarnation, through: 3 });
    const stuck = table === 'traffic' ? 3 : 2; // the third fact, which makes a record, needs neither of the other tables
    expect(bare).toBe(stuck);
    expect(await quarantineOf(relay)).toHaveLength(table === 'quarantine' ? 0 : stuck);
    if (table === 'traffic') {
      expect((await quarantineOf(relay))[0]?.reason).toMatch(
        /^storing it failed \(22P02\); its bytes are message \d+ of the stream/,
      );
      expect(await findingsOf(relay)).toEqual(['quarantined 3']);
    }
  },
);

it.each(['57P01', '53100', '40P01', '08006', '42501'])(
  'leaves a batch to be retried, and quarantines nothing, where PostgreSQL is to blame: %s',
  async (state) => {
    const repair = await failFor('traffic', relay.node, state);
    const batch = [relay.refused(1, { message: 'kept' }), other.refused(1, { message: 'of another' })];
    await expect(store(...batch)).rejects.toThrow('this fails');
    expect([await messagesOf(relay), await messagesOf(other), await quarantineOf(relay)]).toEqual([[], [], []]);
    await repair();
    expect(await store(...batch)).toMatchObject({ bare: 0, quarantined: [] });
    expect([await messagesOf(relay), await messagesOf(other)]).toEqual([['kept'], ['of another']]);
  },
);

it('writes how a session began once, from the fact with the lowest number, in whatever order and batches they arrive', async () => {
  const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1], [3, 0, 2, 1], [1, 3, 2, 0]]; // prettier-ignore
  for (const order of orders)
    for (const size of [1, 2, 4]) {
      const of = newRelay();
      const id = of.ids.next();
      const opened = (number: number, account: string, startedAt: string) =>
        of.message('opened', { ...sampleOpened(id, of.node), account: { id: account, email: null }, startedAt }, { number });
      const checkpoint = { sessionId: id, at: '2025-11-26T12:00:09Z', bytesUp: 5, bytesDown: 6, durationMs: 7 };
      const all = [
        opened(1, 'first', '2025-11-26T12:00:00Z'),
        opened(2, 'second', '2020-01-01T00:00:00Z'),
        of.message('checkpoint', checkpoint, {}),
        opened(3, 'third', '2020-01-02T00:00:00Z'),
      ];
      const arriving = order.map((index) => all[index] as StreamMessage);
      for (let i = 0; i < arriving.length; i += size) await store(...arriving.slice(i, i + size));
      expect(await recordOf(id)).toMatchObject({
        account_id: 'first',
        started_at: new Date('2025-11-26T12:00:00Z'),
        begun_number: '1',
        state: 'live',
        bytes_up: '5',
      });
      expect((await quarantineOf(of)).map(({ kind, fact_id }) => [kind, fact_id]).sort()).toEqual([
        ['conflict', `${of.incarnation}-2`],
        ['conflict', `${of.incarnation}-3`],
      ]);
      expect([await throughOf(of), await findingsOf(of)]).toEqual([3, ['conflict 2']]);
    }
});

it('never changes how a final record began', async () => {
  const id = relay.ids.next();
  const opened = (number: number, account: string) =>
    relay.message('opened', { ...sampleOpened(id, relay.node), account: { id: account, email: null } }, { number });
  await store(opened(2, 'first'), relay.message('closed', sampleClosed(id), { number: 3 }));
  const before = await recordOf(id);
  await store(opened(1, 'late'));
  expect(await recordOf(id)).toEqual(before);
  expect(await quarantineOf(relay)).toMatchObject([{ kind: 'conflict', fact_id: `${relay.incarnation}-1` }]);
});

it('does not fail when two copies begin sessions to the same new servers at the same time', async () => {
  for (let round = 0; round < 5; round++) {
    const servers = Array.from({ length: 60 }, (_, n) => ({
      id: randomUUID(),
      name: `server ${round} ${n}`,
      endpoint: null,
      tags: null,
    }));
    const batchOf = (author: Relay, ends: (n: number) => boolean) =>
      servers.flatMap((resource, n) => {
        const id = author.ids.next();
        const opened = author.message(
          'opened',
          { ...sampleOpened(id, author.node), resource },
          { number: round * 200 + 2 * n + 1 },
        );
        return ends(n) ? [opened, author.message('closed', sampleClosed(id), { number: round * 200 + 2 * n + 2 })] : [opened];
      });
    const batches = [batchOf(relay, (n) => n < 30), batchOf(other, (n) => n >= 30)];
    for (const { quarantined } of await Promise.all(batches.map((batch) => store(...batch)))) expect(quarantined).toEqual([]);
  }
  const [known] = await database.query<{ n: number }[]>(
    `select count(*)::int as n from session_name where name like 'server _ %'`,
  );
  expect(known?.n).toBe(300);
});

it('holds up nothing for an end that no session can have, in whichever batch it comes', async () => {
  const [together, apart] = [relay.ids.next(), relay.ids.next()];
  const opened = (id: string, number: number) => relay.message('opened', sampleOpened(id, relay.node), { number });
  const impossible = (id: string, number: number) =>
    relay.message('closed', { ...sampleClosed(id), endReason: 'no grant' }, { number });
  const { quarantined } = await store(opened(together, 8001), impossible(together, 8002), opened(apart, 8003));
  expect(quarantined).toHaveLength(1);
  expect((await store(impossible(apart, 8004))).quarantined).toHaveLength(1);
  for (const id of [together, apart]) expect(await recordOf(id)).toMatchObject({ state: 'live' });
});

import { randomUUID } from 'node:crypto';
import { type Actor, listSessions } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import type { AskIds } from './ids-of-names.js';
import { searchSessions } from './search-sessions.js';

let database: DataSource;

useAuditDatabase(async (opened) => {
  database = opened;
  await insert('a', { started_at: '2026-01-01T00:00:00Z', outcome: 'completed', end_reason: 'client closed' });
  await insert('b', { started_at: '2026-01-02T00:00:00Z', outcome: 'refused', end_reason: 'no grant', rule: null });
  await insert('c', {
    started_at: '2026-01-03T00:00:00Z',
    state: 'live',
    client_address: '10.0.0.77:5000',
    bytes_up: 5,
    bytes_down: 5,
  });
  await insert('d', {
    started_at: '2026-01-04T00:00:00Z',
    gateway: 'gateway-2',
    client_address: '[2001:db8:0:0:0:0:0:7]:5000',
    relay_id: 'relay-d',
    resource_name: 'Orders Database',
    resource_tags: { env: 'prod', team: 'a=b' },
    ...{ bytes_up: 2e9, bytes_down: 1, duration_ms: 9 * 3600 * 1000 },
  });
  await database.query("insert into relay_cluster values ('relay', 'default'), ('relay-d', 'c1')");
});

/** Inserts the record of a session to the resource of that name. */
async function insert(name: string, given: Record<string, unknown>): Promise<void> {
  const row: Record<string, unknown> = {
    ...{ id: randomUUID(), relay_id: 'relay', relay_name: 'relay-1', revision: 1, state: 'final', attempt: 1, repeats: 1 },
    ...{ request_id: randomUUID(), source: 'relay', account_id: 'ann', account_email: 'ann@example.test', resource_id: name },
    ...{ gateway: 'gateway-1', client_address: '10.0.0.7:5000', rule: 'role readers' },
    ...given,
  };
  const columns = Object.keys(row);
  await database.query(
    `insert into session (${columns.join(', ')}) values (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(row),
  );
}

const GATEWAYS: Readonly<Record<string, string[]>> = {
  ...{ edge: ['gateway-2', 'gateway-3'], 'gateway-1': ['gateway-1'], 'gateway-2': ['gateway-2'] },
};
const CLUSTERS: Readonly<Record<string, string[]>> = { zurich: ['c1'], c1: ['c1'], c2: ['c2'] };
/** The registry: a gateway and a proxy cluster, and another gateway that had the same name. */
const askIds: AskIds = ({ gateways, proxyClusters }) =>
  Promise.resolve({
    gateways: gateways.map((name) => ({ name, ids: GATEWAYS[name] ?? [] })),
    proxyClusters: proxyClusters.map((name) => ({ name, ids: CLUSTERS[name] ?? [] })),
  });
const AUDITOR = { accountId: 'eve', apiRole: 'auditor' } as Actor;

/** The resources of the sessions that a query finds, as it is typed in an address. */
async function found(query: Record<string, string>, actor = AUDITOR): Promise<string> {
  const { items } = await searchSessions(database, askIds, actor, listSessions.input.parse(query));
  return items.map(({ resource }) => resource.id).join('');
}

it.each([
  [{}, 'dcba'],
  [{ since: '2026-01-02T00:00:00Z', until: '2026-01-04T00:00:00Z' }, 'cb'],
  [{ outcome: 'refused' }, 'b'],
  [{ endReason: 'client closed' }, 'a'],
  [{ gateway: 'gateway-2' }, 'd'],
  [{ rule: 'Role Readers' }, 'dca'],
  [{ clientAddress: '10.0.0.7' }, 'ba'],
  [{ clientAddress: '10.0.0.77:5000' }, 'c'],
  [{ clientAddress: '2001:db8::7' }, 'd'],
  [{ clientAddress: '10.0.0.77:500' }, ''],
  [{ clientAddress: '::ffff:10.0.0.7' }, 'ba'],
  [{ proxyCluster: 'c1' }, 'd'],
  [{ proxyCluster: 'default' }, 'cba'],
  [{ proxyCluster: 'c2' }, ''],
  [{ proxyCluster: 'zurich' }, 'd'],
  [{ gateway: 'edge' }, 'd'],
  [{ filter: 'gateway:edge cluster:zurich' }, 'd'],
  [{ filter: 'gateway:gateway-1', gateway: 'edge' }, ''],
  [{ live: 'true' }, 'c'],
  [{ live: 'false', account: 'ANN@example.test', node: 'relay-1', resource: 'd' }, 'd'],
  [{ filter: 'ders DATA' }, 'd'],
  [{ filter: 'ders relay-9' }, ''],
  [{ filter: 'ann@ relay-1 reason:"no grant"' }, 'b'],
  [{ filter: 'tag:env=prod' }, 'd'],
  [{ filter: 'tag:team=a=b tag:env' }, 'd'],
  [{ filter: 'tag:env=pro' }, ''],
  [{ filter: 'tag:en' }, ''],
  [{ filter: 'bytes>=10 bytes<=10' }, 'c'],
  [{ filter: 'bytes>10' }, 'd'],
  [{ filter: 'bytes>1GB duration>8h' }, 'd'],
  [{ filter: 'duration<8h' }, ''],
  [{ filter: 'server:"orders database" gateway:gateway-2' }, 'd'],
  [{ filter: 'outcome:refused', gateway: 'gateway-2' }, ''],
  [{ filter: 'live:no since:2026-01-02', until: '2026-01-04T00:00:00Z' }, 'b'],
])('finds the sessions of %o, newest first', async (query, expected) => {
  expect(await found(query)).toBe(expected);
});

it.each([
  [{ gateway: 'nowhere' }, 'there is no gateway "nowhere"', 'gateway', 'nowhere'],
  [{ proxyCluster: 'moon' }, 'there is no proxy cluster "moon"', 'proxyCluster', 'moon'],
  [{ filter: 'x gateway:nope' }, 'filter has an error at column 11: there is no gateway "nope"', 'filter', 'x gateway:nope'],
  [
    { filter: 'cluster:"the moon"', gateway: 'edge' },
    'filter has an error at column 9: there is no proxy cluster "the moon"',
    'filter',
    'cluster:"the moon"',
  ],
])('says that nothing has the name in %o', async (query, title, field, value) => {
  await expect(found(query)).rejects.toMatchObject({ problem: { status: 400, code: 'invalid_input', title, field, value } });
  const bob = { accountId: 'bob', apiRole: 'user' } as Actor;
  expect(await found(query, bob)).toBe(''); // who may list no gateways is not told which there are
});

it('shows a user no session of others, whatever the filter', async () => {
  const bob = { accountId: 'bob', apiRole: 'user' } as Actor;
  const queries: Record<string, string>[] = [{}, { account: 'ann' }, { outcome: 'refused' }, { clientAddress: '10.0.0.7' }];
  for (const query of queries) expect(await found(query, bob)).toBe('');
});

it.each([
  [{ since: '0001-01-01T00:00:00Z' }, 'dcba'],
  [{ since: '0001-01-01T16:00:00+15:59', until: '9999-12-31T23:59:59.999Z' }, 'dcba'],
  [{ until: '9999-12-31T08:00:00.123456789-15:59' }, 'dcba'],
  [{ filter: 'until:9999-12-31 since:0001-01-01' }, 'dcba'],
  [{ since: '9999-12-31T23:59:59.999Z' }, ''],
])('compares every time that it accepts: %o', async (query, expected) => {
  expect(await found(query)).toBe(expected);
});

it.each([
  [{ since: '0000-01-01T00:00:00Z' }, 'since'], // the database has none of these
  [{ until: '0000-12-31T23:59:59-12:00' }, 'until'],
  [{ since: '2026-01-01T00:00:00-16:00' }, 'since'],
  [{ filter: 'since:9999999d' }, 'filter'],
  [{ outcome: 'lost' }, 'outcome'],
  [{ endReason: 'because' }, 'endReason'],
  [{ until: 'tomorrow' }, 'until'],
  [{ since: '2026-01-02T00:00:00Z', until: '2026-01-02T01:00:00+01:00' }, 'until'],
  [{ clientAddress: '10.0.0.' }, 'clientAddress'],
  [{ clientAddress: '%' }, 'clientAddress'],
  [{ live: 'maybe' }, 'live'],
  [{ filter: 'acount:ann' }, 'filter'],
  [{ untli: '2026-01-01T00:00:00Z' }, undefined],
])('rejects %o', (query, field) => {
  const { error } = listSessions.input.safeParse(query);
  expect(error?.issues[0]?.path[0]).toBe(field);
});

it('looks at a limited number of records in a request, and continues after them', async () => {
  const pagesOf = async (query: Record<string, string>, mostLookedAt: number) => {
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const input = listSessions.input.parse({ ...query, ...(cursor !== undefined && { cursor }) });
      const page = await searchSessions(database, askIds, AUDITOR, input, { newest: mostLookedAt, path: mostLookedAt });
      pages.push(page.items.map(({ resource }) => resource.id).join(''));
      cursor = page.nextCursor;
    } while (cursor !== undefined && pages.length < 9);
    return pages;
  };
  expect(await pagesOf({ outcome: 'completed' }, 1)).toEqual(['', '', '', 'a', '']);
  expect(await pagesOf({ outcome: 'completed' }, 3)).toEqual(['', 'a']);
  expect(await pagesOf({ outcome: 'completed', until: '2026-01-03T00:00:00Z' }, 3)).toEqual(['a']);
  expect(await pagesOf({ gateway: 'gateway-1', limit: '1' }, 2)).toEqual(['c', 'b', 'a']);
  expect(await pagesOf({ account: 'ann' }, 4)).toEqual(['dcba', '']);
  expect(await pagesOf({ filter: 'outcome:refused ann' }, 1)).toEqual(['b', '']); // the path with the fewest records
});

it('shows every record once and leaves none out while others arrive', async () => {
  const account = randomUUID();
  const at = (minute: number) => ({ account_id: account, started_at: `2026-02-01T00:${String(minute).padStart(2, '0')}:00Z` });
  for (let minute = 10; minute < 20; minute++) await insert(`r${minute} `, at(minute));
  const seen: string[] = [];
  let cursor: string | undefined;
  let next = 20;
  do {
    const input = listSessions.input.parse({ account, limit: '3', ...(cursor !== undefined && { cursor }) });
    const page = await searchSessions(database, askIds, AUDITOR, input);
    seen.push(...page.items.map(({ resource }) => resource.id.trim()));
    cursor = page.nextCursor;
    await insert('new', at(next++)); // began later
  } while (cursor !== undefined);
  expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => `r${19 - i}`));
});

it('finds the records of one name whatever ids had it, and of one id under each of its names', async () => {
  const [one, two, relay] = [randomUUID(), randomUUID(), randomUUID()];
  const began = { started_at: '2026-03-01T00:00:00Z', relay_id: relay };
  await insert('x', { ...began, account_id: one, account_email: 'old@example.test' });
  await insert('y', { ...began, account_id: one, account_email: 'new@example.test', started_at: '2026-03-02T00:00:00Z' });
  await insert('z', { ...began, account_id: two, account_email: 'old@example.test', started_at: '2026-03-03T00:00:00Z' });
  expect(await found({ account: 'OLD@example.test' })).toBe('zx');
  expect(await found({ account: one })).toBe('yx');
  expect(await found({ filter: 'new@example' })).toBe('y');
});

it.each([
  ['bytes>=0', 'il'],
  ['bytes<10', 'il'],
  ['bytes<1', 'i'],
  ['bytes>0', 'l'],
])('finds with %s a session that runs and of which no bytes were reported yet as one with none', async (filter, expected) => {
  const account = randomUUID();
  const running = { state: 'live', account_id: account };
  await insert('l', { ...running, started_at: '2026-06-01T00:00:00Z', bytes_up: 5, bytes_down: 0 });
  await insert('i', { ...running, started_at: '2026-06-02T00:00:00Z' });
  expect(await found({ account, filter })).toBe(expected);
});

it('finds records whose beginning arrived after another fact, and those that another fact replaced', async () => {
  const id = randomUUID();
  const late = {
    id,
    state: 'live',
    started_at: null,
    relay_name: null,
    account_email: null,
    account_id: null,
    resource_id: null,
  };
  await insert('q', late);
  expect(await found({ filter: 'late-name' })).toBe('');
  await database.query(
    `update session set started_at = '2026-04-01T00:00:00Z', relay_name = 'r', account_id = 'a', resource_id = 'q', resource_name = 'Late-Name' where id = $1`,
    [id],
  );
  expect(await found({ filter: 'late-name' })).toBe('q');
  await database.query(`update session set resource_name = 'replaced name' where id = $1`, [id]);
  expect([await found({ filter: 'late-name' }), await found({ filter: '"replaced name"' })]).toEqual(['', 'q']);
});

it('finds the records of a relay that invents names without keeping more than its share of them', async () => {
  const relay = randomUUID();
  await database.query(
    `insert into session_name (kind, name, id, named_by) select 'resource', 'invented ' || n, $1, $1 from generate_series(1, 100000) n`,
    [relay],
  );
  await insert('v', { started_at: '2026-05-01T00:00:00Z', relay_id: relay, resource_name: 'one too many' });
  await insert('w', { started_at: '2026-05-02T00:00:00Z', relay_id: randomUUID(), resource_name: 'x'.repeat(500) });
  expect(await database.query(`select 1 from session_name where name = 'one too many' or length(name) > 400`)).toEqual([]);
  expect(await found({ filter: 'many' })).toBe('v');
  expect(await found({ resource: 'One too many' })).toBe('v');
  expect(await found({ filter: 'xxxxxxxx' })).toBe('w');
  await insert('u', { started_at: '2026-05-03T00:00:00Z', relay_id: relay, resource_name: 'yet another' });
  expect(await database.query(`select 1 from session_name where name = 'yet another'`)).toEqual([]); // its names are not even counted any more
  expect(await found({ filter: 'another' })).toBe('u');
}, 60_000); // a hundred thousand names, with their indexes

it("passes over nobody's records but a user's own, whatever the user searches for", async () => {
  const read: string[] = [];
  const recording = {
    transaction: (isolation: 'REPEATABLE READ', work: (tx: { query: (sql: string, values: unknown[]) => unknown }) => unknown) =>
      database.transaction(isolation, async (tx) =>
        work({
          query: (sql, values) => {
            read.push(sql);
            return tx.query(sql, values);
          },
        }),
      ),
  } as unknown as DataSource;
  const user: Actor = { ...AUDITOR, apiRole: 'user' };
  await searchSessions(recording, askIds, user, listSessions.input.parse({ resource: 'd', outcome: 'refused', filter: 'ders' }));
  const ways = read.flatMap((sql) => sql.match(/from session where [^(]*\(?[^)]*\)/g) ?? []);
  expect(ways.length).toBeGreaterThan(0);
  for (const way of ways) expect(way).toContain('hashtextextended(account_id, 0)');
  expect(read.filter((sql) => sql.includes('session_name'))).toEqual([]);
});

it.each([{ account: 'many' }, {}])(
  'finds what is rare among many records once and in order, in however many steps (%o)',
  async (where) => {
    await database.query(
      `insert into session (id, state, relay_id, relay_name, request_id, attempt, account_id, resource_id, started_at, bytes_up, bytes_down)
     select gen_random_uuid(), 'final', 'relay-m', 'm', gen_random_uuid(), 1, 'many', 'm' || n, '2020-01-01'::timestamptz + n / 2 * interval '1 second',
            1, case when n % 411 = 0 then 123456789 else 1 end
       from generate_series(1, 5000) n where not exists (select from session where account_id = 'many')`,
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = {
        ...where,
        filter: 'bytes>=100MB',
        until: '2021-01-01T00:00:00Z',
        limit: '5',
        ...(cursor !== undefined && { cursor }),
      };
      const page = await searchSessions(database, askIds, AUDITOR, listSessions.input.parse(query));
      seen.push(...page.items.map(({ resource }) => resource.id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => `m${(12 - i) * 411}`));
  },
);

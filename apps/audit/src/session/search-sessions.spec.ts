import { randomUUID } from 'node:crypto';
import { type Actor, listSessions } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { searchSessions } from './search-sessions.js';

let database: DataSource;

useAuditDatabase(async (opened) => {
  database = opened;
  await insert('a', { started_at: '2026-01-01T00:00:00Z', outcome: 'completed', end_reason: 'client closed' });
  await insert('b', { started_at: '2026-01-02T00:00:00Z', outcome: 'refused', end_reason: 'no grant', rule: null });
  await insert('c', { started_at: '2026-01-03T00:00:00Z', state: 'live', client_address: '10.0.0.77:5000' });
  await insert('d', {
    started_at: '2026-01-04T00:00:00Z',
    gateway: 'gateway-2',
    client_address: '[2001:db8:0:0:0:0:0:7]:5000',
    relay_id: 'relay-d',
  });
  await database.query("insert into relay_cluster values ('relay', 'default'), ('relay-d', 'c1')");
});

/** Inserts the record of a session to the resource of that name. */
async function insert(name: string, given: Record<string, string | null>): Promise<void> {
  const row: Record<string, string | number | null> = {
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

const AUDITOR = { accountId: 'eve', apiRole: 'auditor' } as Actor;

/** The resources of the sessions that a query finds, as it is typed in an address. */
async function found(query: Record<string, string>, actor = AUDITOR): Promise<string> {
  const { items } = await searchSessions(database, actor, listSessions.input.parse(query));
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
  [{ live: 'true' }, 'c'],
  [{ live: 'false', account: 'ANN@example.test', node: 'relay-1', resource: 'd' }, 'd'],
])('finds the sessions of %o, newest first', async (query, expected) => {
  expect(await found(query)).toBe(expected);
});

it('shows a user no session of others, whatever the filter', async () => {
  const bob = { accountId: 'bob', apiRole: 'user' } as Actor;
  const queries: Record<string, string>[] = [{}, { account: 'ann' }, { outcome: 'refused' }, { clientAddress: '10.0.0.7' }];
  for (const query of queries) expect(await found(query, bob)).toBe('');
});

it.each([
  [{ outcome: 'lost' }, 'outcome'],
  [{ endReason: 'because' }, 'endReason'],
  [{ until: 'tomorrow' }, 'until'],
  [{ since: '2026-01-02T00:00:00Z', until: '2026-01-02T01:00:00+01:00' }, 'until'],
  [{ clientAddress: '10.0.0.' }, 'clientAddress'],
  [{ clientAddress: '%' }, 'clientAddress'],
  [{ live: 'maybe' }, 'live'],
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
      const page = await searchSessions(database, AUDITOR, input, mostLookedAt);
      pages.push(page.items.map(({ resource }) => resource.id).join(''));
      cursor = page.nextCursor;
    } while (cursor !== undefined && pages.length < 9);
    return pages;
  };
  expect(await pagesOf({ outcome: 'completed' }, 1)).toEqual(['', '', '', 'a', '']);
  expect(await pagesOf({ outcome: 'completed' }, 3)).toEqual(['', 'a']);
  expect(await pagesOf({ outcome: 'completed', until: '2026-01-03T00:00:00Z' }, 3)).toEqual(['a']);
  expect(await pagesOf({ gateway: 'gateway-1', limit: '1' }, 2)).toEqual(['c', 'b', 'a']);
  expect(await pagesOf({ account: 'ann' }, 1)).toEqual(['dcba']); // it has an index
});

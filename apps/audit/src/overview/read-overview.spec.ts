import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { OverviewReader } from './read-overview.js';

let database: DataSource;

useAuditDatabase((opened) => void (database = opened));

interface Sample {
  readonly ago: string;
  readonly server: string;
  readonly user: string;
  readonly outcome?: string;
  readonly endReason?: string;
  readonly bytes?: number;
  readonly repeats?: number;
}

async function insert({ ago, server, user, outcome, endReason, bytes = 0, repeats = 1 }: Sample): Promise<void> {
  await database.query(
    `insert into session (id, relay_id, revision, state, account_id, account_email, resource_id, resource_name, started_at, outcome,
                          end_reason, bytes_up, bytes_down, repeats)
     values ($1, 'relay', 1, $2, $3, $3 || '@example.test', $4, 'name of ' || $4, now() - $5::interval, $6, $7, $8, 1, $9)`,
    [
      randomUUID(),
      outcome === undefined ? 'live' : 'final',
      user,
      server,
      ago,
      outcome ?? null,
      endReason ?? null,
      bytes,
      repeats,
    ],
  );
}

it('counts what runs and what began within an hour and a day, with every attempt that a record stands for', async () => {
  const reader = new OverviewReader(database);
  await insert({ ago: '0', server: 'a', user: 'u' });
  await insert({ ago: '30 minutes', server: 'a', user: 'u', outcome: 'completed', endReason: 'client closed', bytes: 99 });
  await insert({ ago: '2 hours', server: 'b', user: 'v', outcome: 'refused', endReason: 'no grant', repeats: 5 });
  await insert({ ago: '2 hours', server: 'a', user: 'v', outcome: 'failed', endReason: 'connect refused' });
  await insert({ ago: '2 days', server: 'c', user: 'w', outcome: 'completed', endReason: 'client closed' });
  await insert({ ago: '-1 hour', server: 'c', user: 'w', outcome: 'completed', endReason: 'client closed' });

  const { live, minutes, hours, servers, users, reasons } = await reader.read();
  const sum = (spans: typeof minutes) =>
    (['live', 'completed', 'refused', 'failed'] as const).map((name) => spans.reduce((total, span) => total + span[name], 0));
  expect(live).toBe(1);
  expect(sum(minutes)).toEqual([1, 1, 0, 0]);
  expect(sum(hours)).toEqual([1, 1, 5, 1]);
  expect(minutes.find(({ completed }) => completed > 0)?.bytes).toBe(100);
  expect(servers).toEqual([
    { id: 'b', name: 'name of b', sessions: 5, bytes: 1 },
    { id: 'a', name: 'name of a', sessions: 3, bytes: 102 },
  ]);
  expect(users.map(({ name, sessions }) => [name, sessions])).toEqual([
    ['v@example.test', 6],
    ['u@example.test', 2],
  ]);
  expect(reasons).toEqual([
    { outcome: 'refused', endReason: 'no grant', count: 5 },
    { outcome: 'failed', endReason: 'connect refused', count: 1 },
  ]);
});

it('lists those with the most sessions and those with the most bytes', async () => {
  for (let server = 0; server < 6; server++)
    await insert({
      ago: '4 hours',
      server: `busy-${server}`,
      user: 'y',
      outcome: 'refused',
      endReason: 'no grant',
      repeats: 1000,
    });
  await insert({ ago: '4 hours', server: 'heavy', user: 'y', outcome: 'completed', endReason: 'client closed', bytes: 10 ** 9 });
  const { servers } = await new OverviewReader(database).read();
  expect(servers.filter(({ id }) => id.startsWith('busy'))).toHaveLength(5);
  expect(servers.map(({ id }) => id)).toContain('heavy');
});

it('counts more attempts than an integer of PostgreSQL holds', async () => {
  for (const server of ['many', 'many'])
    await insert({ ago: '3 hours', server, user: 'x', outcome: 'refused', endReason: 'idle', repeats: 2 ** 31 - 1 });
  const { hours, servers, users, reasons } = await new OverviewReader(database).read();
  const total = 2 * (2 ** 31 - 1);
  expect(hours.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThanOrEqual(total);
  expect([servers[0]?.sessions, users[0]?.sessions, reasons[0]?.count]).toEqual([total, total, total]);
});

it('reads once for all who ask at the same moment', async () => {
  const reader = new OverviewReader(database);
  const [first, second] = await Promise.all([reader.read(), reader.read()]);
  expect(second.minutes).toBe(first.minutes);
});

it('sums what was wrong with facts within a day by kind and author, newest first, twenty at most', async () => {
  const find = (kind: string, author: string, ago: string, findings: number) =>
    database.query(
      `insert into integrity (kind, author, what, detail, at, findings) values ($1, $2, $3::text, '{}', now() - $3::text::interval, $4)`,
      [kind, author, ago, findings],
    );
  const read = async () => (await new OverviewReader(database).read()).findings;
  expect(await read()).toEqual([]);
  await find('gap', 'relay', '25 hours', 1);
  await find('altered', 'relay', '2 hours', 2);
  await find('altered', 'relay', '1 hour', 40);
  await find('quarantined', '', '3 hours', 1);
  await find('altered', 'registry', '30 minutes', 1);
  const findings = await read();
  expect(findings).toMatchObject([
    { kind: 'altered', author: 'registry', count: 1 },
    { kind: 'altered', author: 'relay', count: 42 },
    { kind: 'quarantined', author: null, count: 1 },
  ]);
  expect(Math.round((Date.now() - Date.parse(findings[1]?.lastAt ?? '')) / 3_600_000)).toBe(1);
  for (let relay = 0; relay < 25; relay++) await find('flood', `relay-${relay}`, '1 minute', 1);
  expect((await read()).map(({ kind }) => kind)).toEqual(Array(20).fill('flood'));
});

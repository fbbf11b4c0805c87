import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { countLive, countLiveByServer } from './count-live.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

it('counts the live sessions of each account to each resource, and no others', async () => {
  const [ann, bob, cyd, orders, stock] = Array.from({ length: 5 }, () => randomUUID()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  for (const [account, resource, state, begun] of [
    [ann, orders, 'live', true],
    [ann, orders, 'live', true],
    [ann, orders, 'final', true],
    [ann, orders, 'live', false], // its beginning is not known yet, so no list shows it
    [ann, stock, 'live', true],
    [bob, orders, 'presumed ended', true],
    [cyd, orders, 'live', true],
  ] as const)
    await database.query(
      `insert into session (id, relay_id, revision, state, account_id, resource_id, started_at, presumed_at)
       values ($1, 'relay', 1, $2, $3, $4, case when $5::boolean then now() end, case when $2 = 'presumed ended' then now() end)`,
      [randomUUID(), state, account, resource, begun],
    );
  expect(await countLive(database, { accountIds: [ann, bob], resourceIds: [orders] })).toEqual([
    { accountId: ann, resourceId: orders, sessions: 2 },
  ]);
  expect(await countLive(database, { accountIds: [ann, bob, cyd], resourceIds: [orders, stock] })).toHaveLength(3);
  expect(await countLive(database, { accountIds: [], resourceIds: [orders] })).toEqual([]);
  expect(await countLiveByServer(database)).toEqual([
    { id: orders, sessions: 3 },
    { id: stock, sessions: 1 },
  ]);
});

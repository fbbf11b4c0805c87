import { createHash, randomUUID } from 'node:crypto';
import { type Actor, FIRST_PREVIOUS, type SessionFact, sessionFactSubject, SessionIds } from '@sluice/contracts';
import { sampleClosed, sampleOpened } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { storeFacts } from '../ingest/store-facts.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { pageOfFacts } from './page-of-facts.js';
import { findSession } from './sessions.js';

let database: DataSource;
useAuditDatabase((opened) => {
  database = opened;
});

const AUDITOR = { accountId: 'eve', apiRole: 'auditor' } as Actor;
const relay = randomUUID();
const incarnation = randomUUID();
const ids = new SessionIds(relay);
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const opening = (id: string): object => ({ ...sampleOpened(id, relay), cluster: 'c1' });

/** A message of the relay's journal; `number` 0 is that of a checkpoint. */
function message(kind: 'opened' | 'checkpoint' | 'closed', data: object, number: number, previous: string, time: string) {
  const body = {
    ...{ specversion: '1.0', id: number === 0 ? randomUUID() : `${incarnation}-${number}`, source: 'sluice://test' },
    ...{ type: `sluice.session.${kind}.v1`, time, datacontenttype: 'application/json', node: relay, incarnation },
    ...(number === 0 ? {} : { number, previous }),
    data,
  };
  return { subject: sessionFactSubject(kind, 'c1', relay, 'r'), data: Buffer.from(JSON.stringify(body)), seq: 1 };
}

it('lists the facts of a session alone, with their places in the chain, page by page', async () => {
  const [mine, other] = [ids.next(), ids.next()];
  const opened = message('opened', opening(mine), 9, FIRST_PREVIOUS, '2026-01-01T00:00:00.000Z');
  const between = message('opened', opening(other), 10, hashOf(opened.data), '2026-01-01T00:00:01.000Z');
  const point = { sessionId: mine, at: '2026-01-01T00:00:05.000Z', bytesUp: 1, bytesDown: 2, durationMs: 5000 };
  const checkpoint = message('checkpoint', point, 0, '', '2026-01-01T00:00:05.000Z');
  const closed = message('closed', sampleClosed(mine), 11, hashOf(between.data), '2026-01-01T00:00:09.000Z');
  await storeFacts(database, [closed, checkpoint, between, opened]); // in any order

  const { items, complete } = await pageOfFacts(database, AUDITOR, { id: mine, limit: 100 });
  expect(complete).toBe(true);
  expect(items.map(({ kind, number, incarnation: run }) => [kind, number, run])).toEqual([
    ['opened', 9, incarnation],
    ['checkpoint', null, incarnation],
    ['closed', 11, incarnation],
  ]);
  expect(items.map(({ hash }) => hash)).toEqual([opened, checkpoint, closed].map(({ data }) => hashOf(data)));
  expect(items.map(({ signed }) => signed)).toEqual([false, null, false]);
  await database.query('update chain set signed_through = 10 where incarnation = $1', [incarnation]);
  const signed = (await pageOfFacts(database, AUDITOR, { id: mine, limit: 100 })).items.map((fact) => fact.signed);
  expect(signed).toEqual([true, null, false]);
  expect(items[2]).toMatchObject({ author: relay, previous: hashOf(between.data), data: { endReason: 'client closed' } });

  const found: SessionFact[] = [];
  let cursor: string | undefined;
  do {
    const page = await pageOfFacts(database, AUDITOR, { id: mine, limit: 1, ...(cursor !== undefined && { cursor }) });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(found.map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id).sort());

  expect((await findSession(database, AUDITOR, mine)).proxyCluster).toBe('c1');
});

it('says where the beginning or the end of a record is not among its facts', async () => {
  const id = ids.next();
  const time = '2026-01-01T00:00:00.000Z';
  await storeFacts(database, [message('opened', opening(id), 12, FIRST_PREVIOUS, time)]);
  const page = () => pageOfFacts(database, AUDITOR, { id, limit: 1 });
  expect((await page()).complete).toBe(true); // it runs
  await storeFacts(database, [message('closed', sampleClosed(id), 13, FIRST_PREVIOUS, time)]);
  expect((await page()).complete).toBe(true);

  const [record] = await database.query<{ id: string }[]>(
    `insert into session (id, state, request_id, attempt, account_id, resource_id, relay_id, relay_name, started_at, ended_at, end_reason, outcome)
     values ($1, 'final', $1, 1, 'ann', 'old', $2, 'relay', now(), now(), 'client closed', 'completed') returning id`,
    [ids.next(), relay],
  );
  const old = { id: record?.id ?? '', limit: 1 };
  expect(await pageOfFacts(database, AUDITOR, old)).toEqual({ items: [], complete: false });
  await storeFacts(database, [message('opened', opening(old.id), 14, FIRST_PREVIOUS, time)]);
  expect(await pageOfFacts(database, AUDITOR, old)).toMatchObject({ items: [{ kind: 'opened' }], complete: false });
});

it('knows no facts of a session that there is not, and looks at the cursor first', async () => {
  const id = randomUUID();
  await expect(pageOfFacts(database, AUDITOR, { id, limit: 1 })).rejects.toMatchObject({ problem: { status: 404 } });
  for (const cursor of ['x', Buffer.from('["yesterday","x"]').toString('base64url')])
    await expect(pageOfFacts(database, AUDITOR, { id, limit: 1, cursor })).rejects.toMatchObject({ problem: { status: 400 } });
});

import { randomUUID } from 'node:crypto';
import { type SessionFactKind, SessionIds } from '@sluice/contracts';
import { sampleClosed, sampleFact, sampleOpened } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import type { StreamMessage } from '../ingest/store-batch.js';
import { storeFacts } from '../ingest/store-facts.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';

const relay = randomUUID();
const incarnation = randomUUID();
const ids = new SessionIds(relay);
let database: DataSource;
let number = 0;

useAuditDatabase((opened) => void (database = opened));

function fact(kind: SessionFactKind, data: object): StreamMessage {
  number += 1;
  return { ...sampleFact(kind, relay, data, { incarnation, ...(kind === 'checkpoint' ? {} : { number }) }), seq: number };
}

/** A session's facts, whose record is not like that of another one only in its id. */
function facts(sessionId: string): [opened: StreamMessage, closed: StreamMessage] {
  const at = '2025-11-26T12:00:00.123Z';
  const resource = { id: 'r', name: 'db', endpoint: null, tags: { team: 'a "b"' } };
  const end = { agent: { bytesUp: 3, bytesDown: 4, differs: true }, endedBy: { id: 'o', email: 'o@example.com', why: 'asked' } };
  const begun = { ...sampleOpened(sessionId, relay), resource, requestId: relay, startedAt: at };
  return [fact('opened', begun), fact('closed', { ...sampleClosed(sessionId), ...end, endedAt: at })];
}

const store = async (...messages: StreamMessage[]) => (await storeFacts(database, messages)).quarantined;
const record = async (id: string) =>
  (
    await database.query<object[]>(
      `select to_jsonb(s) - '{id, begun_number, settled_at}'::text[] as record from session s where id = $1`,
      [id],
    )
  )[0];

it('makes the same record of facts that come in one batch, in either order, as of facts that come singly', async () => {
  const [singly, together, backwards] = [ids.next(), ids.next(), ids.next()];
  for (const one of facts(singly)) expect(await store(one)).toEqual([]);
  expect(await store(...facts(together))).toEqual([]);
  expect(await store(...facts(backwards).reverse())).toEqual([]);
  expect(await record(singly)).toMatchObject({
    record: { state: 'final', revision: 2, bytes_up: 1, resource_tags: { team: 'a "b"' } },
  });
  expect(await record(together)).toEqual(await record(singly));
  expect(await record(backwards)).toEqual(await record(singly));
});

it('applies the facts of a batch whose record exists already', async () => {
  const id = ids.next();
  const [opened, closed] = facts(id);
  expect(await store(closed)).toEqual([]);
  expect(await store(opened, ...facts(ids.next()))).toEqual([]);
  expect(await record(id)).toMatchObject({ record: { state: 'final', revision: 2, resource_name: 'db' } });
});

it('quarantines a fact that is impossible, and stores the others of its batch', async () => {
  const [good, bad] = [ids.next(), ids.next()];
  const impossible = fact('opened', { ...sampleOpened(bad, relay), attempt: 2 ** 31 });
  const quarantined = await store(...facts(good), impossible);
  expect(quarantined).toMatchObject([{ reason: expect.stringContaining('out of range') as string }]);
  expect(await record(good)).toMatchObject({ record: { state: 'final' } });
  expect(await record(bad)).toBeUndefined();
});

it('makes the same records of the ends and checkpoints of a batch, whose sessions began before, as of those that come singly', async () => {
  const both = Array.from({ length: 2 }, () => Array.from({ length: 4 }, () => ids.next()));
  const records = [];
  for (const [at, sessions] of both.entries()) {
    const begun = sessions.map((id) => facts(id));
    for (const [opened] of begun) expect(await store(opened)).toEqual([]);
    const point = (sessionId: string, bytesUp: number) =>
      fact('checkpoint', { sessionId, at: '2025-11-26T12:00:05.000Z', bytesUp, bytesDown: 2, durationMs: 5000 });
    const [ended, running, twice, last] = begun;
    const rest = [ended?.[1], point(sessions[1] as string, 7), point(sessions[2] as string, 9), twice?.[1], last?.[1], last?.[1]];
    const messages = rest.map((message) => message as StreamMessage);
    expect(running).toHaveLength(2);
    if (at === 0) for (const message of messages) expect(await store(message)).toEqual([]);
    else expect(await store(...messages)).toEqual([]);
    records.push(await Promise.all(sessions.map(record)));
  }
  expect(records[1]).toEqual(records[0]);
  expect(records[1]).toMatchObject([
    { record: { state: 'final', revision: 2, ended_by: { id: 'o' }, counts_differ: true } },
    { record: { state: 'live', revision: 2, bytes_up: 7, ended_at: null } },
    { record: { state: 'final', bytes_up: 1 } },
    { record: { state: 'final' } },
  ]);
});

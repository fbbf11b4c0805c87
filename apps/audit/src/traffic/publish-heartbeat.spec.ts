import { AuditHeartbeat, Envelope, AUDIT_HEARTBEAT } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { storeBatch } from '../ingest/store-batch.js';
import { storedPosition } from '../ingest/stream-position.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { publishHeartbeat } from './publish-heartbeat.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

const sent: Uint8Array[] = [];
const send = (subject: string, bytes: Uint8Array): Promise<void> => {
  expect(subject).toBe(AUDIT_HEARTBEAT);
  sent.push(bytes);
  return Promise.resolve();
};
const dataOf = (bytes: Uint8Array): AuditHeartbeat =>
  AuditHeartbeat.parse(Envelope.parse(JSON.parse(Buffer.from(bytes).toString())).data);
const age = (interval: string) => database.query(`update heartbeat set at = at - interval '${interval}'`);

beforeEach(async () => {
  sent.length = 0;
  await database.query("update heartbeat set at = 'epoch', through = 0");
});

it('is published once a minute by one of several copies, with what was stored since the one before', async () => {
  const beat = (from: number, to: number) => publishHeartbeat(database, { from, to }, send);
  let others: Promise<void>[] = [];
  await publishHeartbeat(database, { from: 11, to: 10 }, async (subject, bytes) => {
    others = [beat(11, 10), beat(11, 10)]; // other copies, while JetStream has not acknowledged it yet
    await Promise.all(others);
    expect(sent).toEqual([]);
    await send(subject, bytes);
  });
  expect(others).toHaveLength(2);
  await beat(21, 25);
  expect(sent.map(dataOf)).toMatchObject([{ through: 10, before: 0, waiting: 0 }]);
  await age('59 seconds');
  await beat(21, 25);
  expect(sent).toHaveLength(1);
  await age('1 second');
  await beat(21, 25);
  expect(sent.map(dataOf)[1]).toMatchObject({ through: 20, before: 10, waiting: 5 });
});

it('is due again if JetStream has not stored it', async () => {
  const failing = publishHeartbeat(database, { from: 4, to: 3 }, () => Promise.reject(new Error('away')));
  await expect(failing).rejects.toThrow('away');
  await publishHeartbeat(database, { from: 5, to: 4 }, send);
  expect(sent.map(dataOf)).toMatchObject([{ through: 4, before: 0 }]);
});

it('is published after the clock was put back, and after the stream was lost', async () => {
  await database.query("update heartbeat set at = now() + interval '3 hours', through = 900");
  await publishHeartbeat(database, { from: 3, to: 2 }, send);
  expect(sent.map(dataOf)).toMatchObject([{ through: 2, before: 2, waiting: 0 }]);
});

it('is not stored, but its number in the stream is', async () => {
  await publishHeartbeat(database, { from: 1, to: 0 }, send);
  const before = await database.query('select count(*)::int as n from fact');
  const data = sent[0] as Uint8Array;
  const stored = await storeBatch(database, [{ subject: AUDIT_HEARTBEAT, data, seq: 77 }]);
  expect(stored).toMatchObject({ quarantined: [], records: [] });
  expect([await storedPosition(database), await database.query('select count(*)::int as n from fact')]).toEqual([77, before]);
});

import { randomUUID } from 'node:crypto';
import { createSiemReader, type Delivery, MAX_SIEM_READERS } from '@sluice/contracts';
import { makeAccountSeed, readerSigner } from '@sluice/identity/bus-authority';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { type Change, makeChange } from '../change/change.js';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import {
  createReader,
  deleteReader,
  pageOfReaders,
  readWanted,
  replayReader,
  rotateReader,
  withDelivery,
} from './siem-readers.js';

let database: DataSource;
useRegistryDatabase((opened) => void (database = opened));
beforeEach(() => database.query('delete from siem_reader'));

const signer = readerSigner(makeAccountSeed(), makeAccountSeed());
const change = <T>(work: (change: Change) => Promise<T>): Promise<T> =>
  makeChange(database, { id: randomUUID(), email: 'admin@example.test' }, randomUUID(), work);
const create = (input: {
  name: string;
  format?: 'ocsf';
  subjects?: string[];
  fromTime?: string | null;
  fromNumber?: number | null;
}) => change((at) => createReader(at, signer, 'admin@example.test', createSiemReader.input.parse(input)));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { problem?: { code: string } }) => error.problem?.code,
  );
const nobody = () => Promise.resolve(new Map<string, Delivery>());

it('makes a consumer and an inbox prefix that are those of the key in its credentials, and stores nothing that is secret', async () => {
  const { reader, credentials } = await create({ name: 'splunk' });
  expect(reader).toMatchObject({
    format: 'cloudevents',
    subjects: ['audit.v1.>'],
    version: 1,
    stream: 'AUDIT',
    createdBy: 'admin@example.test',
  });
  const [, jwt] = /BEGIN NATS USER JWT-----\n(.*)\n/.exec(credentials) ?? [];
  const claims = JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  expect(reader.consumer).toBe(`siem_${claims['sub'] as string}`);
  expect(reader.inboxPrefix).toBe(`_INBOX_${claims['sub'] as string}`);
  expect([claims['exp'], claims['nats']]).toEqual([undefined, { issuer_account: signer.account, type: 'user', version: 2 }]); // no permissions of its own
  const [, seed = 'none'] = /BEGIN USER NKEY SEED-----\n(.*)\n/.exec(credentials) ?? [];
  const rows = await database.query<unknown[]>('select siem_reader.*, a.after from siem_reader, activity a');
  expect(JSON.stringify(rows)).not.toContain(seed);
});

it('begins now, at a time or at a number, and not at both', async () => {
  const now = await create({ name: 'now' });
  expect(Date.now() - Date.parse(now.reader.fromTime ?? '')).toBeLessThan(60_000);
  expect((await create({ name: 'number', fromNumber: 7 })).reader).toMatchObject({ fromNumber: 7, fromTime: null });
  const time = '2026-01-01T00:00:00.000Z';
  expect((await create({ name: 'time', fromTime: time, fromNumber: null })).reader).toMatchObject({
    fromNumber: null,
    fromTime: time,
  });
  expect(await codeOf(create({ name: 'both', fromTime: time, fromNumber: 1 }))).toBe('siem_start_invalid');
  for (const fromTime of ['2263-01-01T00:00:00.000Z', '1677-01-01T00:00:00.000Z', new Date(Date.now() + 60_000).toISOString()])
    expect([fromTime, await codeOf(create({ name: 'another', fromTime }))]).toEqual([fromTime, 'siem_start_invalid']);
  const { id, version } = now.reader;
  expect(await codeOf(change((at) => replayReader(at, { id, version })))).toBe('siem_start_invalid');
});

it('refuses a name that is taken, patterns that are none, and more readers than there may be, also at the same time', async () => {
  expect(await codeOf(create({ name: 'x', subjects: ['$JS.API.>'] }))).toBe('siem_subjects_invalid');
  expect(await codeOf(create({ name: '' }))).toBe('name_missing');
  await create({ name: 'Splunk' });
  expect(await codeOf(create({ name: 'splunk' }))).toBe('name_taken');
  for (const name of ['Records', 'OCSF']) expect(await codeOf(create({ name }))).toBe('name_taken'); // the audit service's own, in lists and metrics
  const codes = await Promise.all(
    Array.from({ length: MAX_SIEM_READERS + 3 }, (_, i) => codeOf(create({ name: `reader ${i}` }))),
  );
  expect(codes.filter((code) => code === 'done')).toHaveLength(MAX_SIEM_READERS - 1);
  expect(codes.filter((code) => code === 'siem_readers_full')).toHaveLength(4);
});

it('receives OCSF events if it asks for that format, and sees how far they are converted', async () => {
  const { reader } = await create({ name: 'lake', format: 'ocsf' });
  expect(reader).toMatchObject({ format: 'ocsf', subjects: ['siem.v1.ocsf.>'], stream: 'OCSF' });
  expect(await codeOf(create({ name: 'both', format: 'ocsf', subjects: ['audit.v1.>'] }))).toBe('siem_subjects_invalid');
  expect(await codeOf(create({ name: 'none', subjects: ['siem.v1.ocsf.>'] }))).toBe('siem_subjects_invalid');
  const { reader: other } = await create({ name: 'splunk' });
  const [own, conversion] = [{ waiting: 1 }, { waiting: 2 }] as Delivery[];
  const known = new Map([
    [reader.consumer, own],
    ['ocsf', conversion],
  ] as [string, Delivery][]);
  expect(withDelivery(reader, known)).toMatchObject({ delivery: own, conversion });
  expect(withDelivery(other, known)).toMatchObject({ delivery: null, conversion: null });
});

it('is changed only by somebody who knows its version, and tells which consumer it needs', async () => {
  const { reader } = await create({ name: 'one' });
  const { id } = reader;
  const at = (version: number) => ({ id, version });
  const { reader: rotated } = await change((now) => rotateReader(now, signer, at(1)));
  expect(rotated).toMatchObject({ id, version: 2, fromTime: reader.fromTime });
  expect(rotated.consumer).not.toBe(reader.consumer);
  expect(await readWanted(database)).toMatchObject([{ id, consumer: rotated.consumer, start: 1 }]);
  await change((now) => replayReader(now, { ...at(2), fromNumber: 3 }));
  expect(await readWanted(database)).toMatchObject([{ id, consumer: rotated.consumer, start: 2, fromNumber: 3, fromTime: null }]);
  const stale = at(2);
  for (const work of [
    (now: Change) => rotateReader(now, signer, stale),
    (now: Change) => replayReader(now, { ...stale, fromNumber: 1 }),
    (now: Change) => deleteReader(now, stale),
  ])
    expect(await codeOf(change<unknown>(work))).toBe('version_conflict');
  await change((now) => deleteReader(now, at(3)));
  expect(await readWanted(database)).toEqual([]);
  expect(await codeOf(change((now) => deleteReader(now, at(3))))).toBe('not_found');
});

it('is listed by name, page by page, with how far its consumer has come if that is known', async () => {
  for (const name of ['b', 'C', 'a']) await create({ name });
  const first = await pageOfReaders(database, { limit: 2 }, nobody);
  expect(first.items.map(({ name, delivery }) => [name, delivery])).toEqual([
    ['a', null],
    ['b', null],
  ]);
  const known = { waiting: 4 } as Delivery;
  const second = await pageOfReaders(database, { limit: 2, cursor: first.nextCursor as string }, async () => {
    const [, , last] = (await pageOfReaders(database, { limit: 3 }, nobody)).items;
    return new Map([[last?.consumer ?? '', known]]);
  });
  expect(second).toEqual({ items: [expect.objectContaining({ name: 'C', delivery: known })] });
  expect((await pageOfReaders(database, { limit: 2, name: 'c' }, nobody)).items).toHaveLength(1);
});

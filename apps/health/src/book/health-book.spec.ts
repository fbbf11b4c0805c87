import { randomUUID } from 'node:crypto';
import { HEALTH_BUCKET, healthKey, type ServerHealth } from '@sluice/contracts';
import { askFor, noteDial } from '@sluice/domain';
import { type Bus, readBucket } from '@sluice/messaging';
import { TestStores } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { HealthBook } from './health-book.js';
import { entryAt, type HealthEntry, type HealthValue } from './health-entry.js';

const WITHIN = { timeout: 10_000, interval: 20 };
const BUDGET = 10_000;

let stores: TestStores;
/** The connections of two copies of the service. */
let buses: Bus[];
let books: HealthBook[];
const shown: [string, ServerHealth | undefined, ServerHealth][] = [];

beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  buses = [await stores.join('health'), await stores.join('health')];
}, 60_000);
afterAll(async () => {
  for (const bus of buses) await bus.close();
  await stores.stop();
});

const open = (bus: Bus) =>
  HealthBook.open(
    bus,
    (id, before, after) => void shown.push([id, before, after]),
    () => undefined,
    () => undefined,
  );
beforeEach(async () => {
  shown.length = 0;
  books = await Promise.all(buses.map(open));
  await expect.poll(() => books.every(({ isRead }) => isRead), WITHIN).toBe(true);
});
afterEach(() => {
  for (const book of books) book.stop();
});

const failure =
  (text: string) =>
  (present: HealthValue | undefined): HealthEntry => {
    const entry = entryAt('endpoint', present);
    return { ...entry, checks: noteDial(entry.checks, 'relay', 'check', { error: text }, Date.now(), 0) };
  };

it('gives the connection that a budget allows to one of two copies that ask at the same moment', async () => {
  const ids = Array.from({ length: 50 }, () => randomUUID());
  const taken: string[] = [];
  const ask = (book: HealthBook, id: string) =>
    book.change(id, (present) => {
      const entry = entryAt('endpoint', present);
      const checks = askFor(entry.checks, 'relay', BUDGET, Date.now());
      if (checks) taken.push(id); // once for each try, of which one is written
      return checks && { ...entry, checks };
    });
  await Promise.all(ids.flatMap((id) => books.map((book) => ask(book, id))));
  expect(shown.map(([id]) => id).sort()).toEqual([...ids].sort());
  expect(taken.length).toBeGreaterThan(ids.length); // both did try
});

it('loses no change of two copies that change the same server all the time, and writes waiting changes together', async () => {
  const id = randomUUID();
  await Promise.all(Array.from({ length: 200 }, (_, i) => (books[i % 2] as HealthBook).change(id, failure(`error ${i}`))));
  for (const book of books) {
    await expect.poll(() => book.find(id)?.entry.checks.nodes['relay']?.failuresInARow, WITHIN).toBe(200);
  }
  expect(shown.length).toBeLessThan(100);
});

it('continues after a restart with what it knew', async () => {
  const id = randomUUID();
  await books[0]?.change(id, failure('refused'));
  const restarted = await open(buses[1] as Bus);
  await expect.poll(() => restarted.find(id), WITHIN).toEqual(books[0]?.find(id));
  expect(restarted.find(id)).toMatchObject({ shown: { state: 'unhealthy', nodes: [{ lastError: 'refused' }] } });
  restarted.stop();
});

it('removes the key of a deleted server from the bucket and from every copy', async () => {
  const id = randomUUID();
  await books[0]?.change(id, failure('refused'));
  await expect.poll(() => books[1]?.find(id), WITHIN).toBeDefined();
  await Promise.all(books.map((book) => book.forget(id)));
  for (const book of books) await expect.poll(() => book.find(id), WITHIN).toBeUndefined();
  const keys: string[] = [];
  for await (const { key } of readBucket(buses[0] as Bus, HEALTH_BUCKET)) keys.push(key);
  expect(keys).not.toContain(healthKey(id));
});

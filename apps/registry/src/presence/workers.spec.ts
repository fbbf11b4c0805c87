import { randomUUID } from 'node:crypto';
import { PRESENCE_INTERVAL_MS } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import type { RegistryConfig } from '../config.js';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import type { Presence } from './presence.js';
import { Workers } from './workers.js';

const LOST_AFTER_MS = 300_000;
const MINUTE_MS = 60_000;
const key = randomUUID();

let database: DataSource;
/** What was heard of relays: how long ago, and whether it was a goodbye. */
let heard: Map<string, { agoMs: number; left: boolean }>;
let workers: Workers;

useRegistryDatabase(async (opened) => {
  database = opened;
  await database.query(
    `insert into cluster_key (id, cluster_id, secret_hash, created_by) values ($1, 'default', 'any', 'somebody')`,
    [key],
  );
});

beforeEach(async () => {
  await database.query('delete from node');
  heard = new Map([['gateway', { agoMs: 0, left: false }]]);
  const presence: Pick<Presence, 'lastSeen' | 'hasLeft'> = {
    get lastSeen(): Presence['lastSeen'] {
      return [...heard].map(([id, { agoMs }]) => ({ id, kind: id === 'gateway' ? 'gateway' : 'relay', at: Date.now() - agoMs }));
    },
    hasLeft: ({ id }) => heard.get(id)?.left === true,
  };
  workers = new Workers(presence as Presence, { lostWorkersMs: LOST_AFTER_MS } as RegistryConfig);
});

/** A relay as the database has it: when it enrolled, when it was seen, and when it left, in milliseconds ago. */
async function relay(of: { keyed?: boolean; enrolled?: number; seen?: number; left?: number }): Promise<string> {
  const id = randomUUID();
  const ago = (ms: number | undefined) => (ms === undefined ? null : new Date(Date.now() - ms));
  await database.query(
    `insert into node (id, kind, name, public_key, cluster_id, cluster_key_id, enrolled_at, last_seen_at, left_at)
     values ($1, 'relay', $2, '', 'default', $3, $4, $5, $6)`,
    [id, `relay ${id}`, of.keyed === false ? null : key, ago(of.enrolled ?? 3600_000), ago(of.seen), ago(of.left)],
  );
  return id;
}

const gone = () => workers.gone(database.manager);

it('are gone as soon as they have said goodbye, and back with their next presence', async () => {
  const worker = await relay({ seen: 1000 });
  heard.set(worker, { agoMs: 0, left: false });
  expect(await gone()).toEqual(new Set());
  heard.set(worker, { agoMs: 0, left: true });
  expect(await gone()).toEqual(new Set([worker]));
  heard.set(worker, { agoMs: 0, left: false });
  expect(await gone()).toEqual(new Set());
});

it('are gone after minutes of silence, and not before', async () => {
  const worker = await relay({ seen: LOST_AFTER_MS + 1000 });
  heard.set(worker, { agoMs: LOST_AFTER_MS - 5000, left: false }); // the database is a minute late
  expect(await gone()).toEqual(new Set());
  heard.set(worker, { agoMs: LOST_AFTER_MS + 1000, left: false });
  expect(await gone()).toEqual(new Set([worker]));
});

it('stay gone or listed when the registry has started again and heard nobody of them yet', async () => {
  const [lost, left, back, late, fresh] = [
    await relay({ seen: LOST_AFTER_MS + MINUTE_MS }),
    await relay({ seen: MINUTE_MS, left: MINUTE_MS }),
    await relay({ seen: MINUTE_MS, left: 2 * MINUTE_MS }),
    await relay({ seen: LOST_AFTER_MS - MINUTE_MS }),
    await relay({ enrolled: PRESENCE_INTERVAL_MS }),
  ];
  const found = await gone();
  expect(found).toEqual(new Set([lost, left]));
  expect([back, late, fresh].some((id) => found.has(id))).toBe(false);
});

it('are not taken for lost while this registry is cut off from the bus', async () => {
  const [lost, left] = [await relay({ seen: 3600_000 }), await relay({ seen: 3600_000, left: 3600_000 })];
  heard.set('gateway', { agoMs: 2 * MINUTE_MS, left: false });
  expect(await gone()).toEqual(new Set([left]));
  heard.set('gateway', { agoMs: 0, left: false });
  expect(await gone()).toEqual(new Set([lost, left]));
});

it('are only relays that enrolled with a key: others are listed as long as they are not deleted', async () => {
  const relayOfToken = await relay({ keyed: false, seen: 3600_000 });
  heard.set(relayOfToken, { agoMs: 3600_000, left: true });
  expect(await gone()).toEqual(new Set());
});

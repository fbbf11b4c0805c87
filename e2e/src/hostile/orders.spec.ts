import { randomUUID } from 'node:crypto';
import { relayStartedSubject } from '@sluice/contracts';
import type { TestSystem } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { handMadeFacts } from '../hand-made-facts.js';
import { type BusUser, joinAsNewRelay } from '../join-bus.js';
import { sharedSystem } from '../system.js';

const seed = Number(process.env['SLUICE_FUZZ_SEED'] ?? 1);
const ORDERS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 60);

let system: TestSystem;
/** Each has this many histories: a relay may not begin any number of journals within an hour. */
const OF_ONE_RELAY = 40;
const relays: BusUser[] = [];
let owner: pg.Client;

beforeAll(async () => {
  system = await sharedSystem();
  for (let i = 0; i <= ORDERS; i += OF_ONE_RELAY) relays.push(await joinAsNewRelay(system.handle.home));
  owner = await databaseOwner(system);
});
afterAll(async () => {
  for (const { connection } of relays) await connection.close();
  await owner.end();
});

/** Numbers from 0 to below 1 that follow from the seed (mulberry32). */
function randomFrom(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j] as T, all[i] as T];
  }
  return all;
}

type Message = readonly [subject: string, text: string];

interface History {
  readonly relay: BusUser;
  readonly sessions: string[];
  readonly messages: Message[];
  readonly chains: Record<string, number>;
}

/**
 * What a relay says in two runs of its journal, of which the second knows nothing of the first: a session with its end, one
 * that continues, one that the first run lost, one lost before its first checkpoint, and two attempts.
 */
function history(_: unknown, index: number): History {
  const relay = relays[Math.floor(index / OF_ONE_RELAY)] as BusUser;
  const { begin, ending, refusal, envelope, subjectOf } = handMadeFacts(relay.name, 'something');
  const [whole, running, lost, lostAtOnce] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()] as const;
  const [first, second] = [randomUUID(), randomUUID()] as const;
  const at = (minute: number) => new Date(Date.UTC(2001, 0, 1, 0, minute)).toISOString();
  const open = (sessionId: string, minute: number) => ({
    ...begin(sessionId),
    requestId: sessionId,
    account: { id: 'somebody', email: null },
    startedAt: at(minute),
    dialledAddress: '127.0.0.1:1',
  });
  const point = (sessionId: string, minute: number, bytes: number) => ({
    sessionId,
    at: at(minute),
    bytesUp: bytes,
    bytesDown: bytes * 2,
    durationMs: bytes * 10,
  });
  const attempt = (kind: string) => ({ ...refusal(kind), ...open(randomUUID(), 3), endedAt: at(3) });
  const [refused, failed] = [attempt('no'), { ...attempt('lost'), endReason: 'connect refused' }] as const;
  const end = { ...ending(whole), endedAt: at(4), bytesUp: 70, bytesDown: 140, durationMs: 900 };
  const chained = (incarnation: string, number: number, kind: string, data: unknown): Message => [
    subjectOf(kind),
    envelope(incarnation, number, data),
  ];
  const started = (incarnation: string, minute: number): Message => [
    relayStartedSubject('default', relay.name),
    envelope(incarnation, 1, {}, { time: at(minute) }),
  ];
  const checkpoint = (incarnation: string, data: unknown): Message => [
    subjectOf('checkpoint'),
    envelope(incarnation, undefined, data),
  ];
  const messages = [
    started(first, 0),
    chained(first, 2, 'opened', open(whole, 1)),
    checkpoint(first, point(whole, 2, 30)),
    checkpoint(first, point(whole, 3, 60)),
    chained(first, 3, 'closed', end),
    chained(first, 4, 'opened', open(lost, 1)),
    checkpoint(first, point(lost, 2, 5)),
    checkpoint(first, point(lost, 3, 9)),
    chained(first, 5, 'opened', open(lostAtOnce, 5)),
    chained(first, 6, 'refused', refused),
    chained(first, 7, 'failed', failed),
    started(second, 10),
    chained(second, 2, 'opened', open(running, 11)),
    checkpoint(second, point(running, 12, 4)),
    checkpoint(second, point(running, 13, 8)),
  ];
  return {
    relay,
    sessions: [whole, running, lost, lostAtOnce, refused.sessionId, failed.sessionId],
    messages: [...messages, ...messages.filter((_, i) => i % 3 === 0)], // some of them twice
    chains: { [first]: 7, [second]: 2 },
  };
}

/**
 * The same messages in another order. That the second run of the journal is known as a whole before anything of the first is not among them: who
 * came after whom is known by the order of receipt then, and not by what a relay's clock says.
 */
function reordered({ messages, chains }: History, random: () => number): Message[] {
  const [first, second] = Object.keys(chains) as [string, string];
  for (;;) {
    const order = shuffled(messages, random);
    const chained = order.filter(([, text]) => text.includes('"number"'));
    const firstOf = chained.findIndex(([, text]) => text.includes(first));
    const lastOf = chained.findLastIndex(([, text]) => text.includes(second));
    if (firstOf < lastOf) return order;
  }
}

/** The service's age and the time of storing, which differ by the moment. */
const MOMENTS = { presumed_age: null, seen_age: null, settled_at: null };

/** Rows as they are but for what differs from history to history. */
async function rowsOf(sessions: readonly string[]): Promise<unknown[]> {
  const { rows } = await owner.query<Record<string, unknown>>('select * from audit.session where id = any($1)', [sessions]);
  const of = new Map(rows.map((row) => [row['id'], row]));
  return sessions.map((id) => {
    const row = of.get(id);
    return (
      row && {
        ...row,
        id: null,
        request_id: null,
        relay_id: null,
        incarnation: null,
        revision: null,
        presumed_at: row['presumed_at'] !== null,
        ...MOMENTS,
      }
    );
  });
}

async function untilStored(chains: Record<string, number>): Promise<void> {
  const through = async () => {
    const { rows } = await owner.query<{ incarnation: string; through: string }>(
      'select incarnation, through from audit.chain where incarnation = any($1)',
      [Object.keys(chains)],
    );
    return Object.fromEntries(rows.map((row) => [row.incarnation, Number(row.through)]));
  };
  await expect.poll(through, { timeout: 60_000, interval: 100 }).toEqual(chains);
}

it(`makes the same records of the same facts in any order (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  const inOrder = history(undefined, ORDERS);
  for (const [subject, text] of inOrder.messages) inOrder.relay.connection.publish(subject, text);
  await untilStored(inOrder.chains);
  const states = ['final', 'live', 'presumed ended', 'presumed ended', 'final', 'final'];
  const statesOf = async (sessions: string[]) =>
    (await rowsOf(sessions)).map((row) => (row as { state?: string } | undefined)?.state);
  await expect.poll(() => statesOf(inOrder.sessions), { timeout: 20_000 }).toEqual(states);
  const expected = await rowsOf(inOrder.sessions);
  expect(expected).toMatchObject([
    { bytes_up: '70', bytes_down: '140', exactness: 'exact', outcome: 'completed', presumed_at: false },
    { bytes_up: '8', bytes_down: '16', end_reason: null, ended_at: null, presumed_at: false },
    { bytes_up: '9', bytes_down: '18', duration_ms: 90, end_reason: 'relay lost', exactness: 'at least', outcome: 'failed' },
    { bytes_up: '0', bytes_down: '0', duration_ms: 0, end_reason: 'relay lost', exactness: 'at least', outcome: 'failed' },
    { outcome: 'refused' },
    { outcome: 'failed' },
  ]);

  const histories = Array.from({ length: ORDERS }, history);
  const left = histories.map((history) => ({ connection: history.relay.connection, messages: reordered(history, random) }));
  // all histories side by side, so that batches begin and end anywhere in them
  for (let i = 0; left.some(({ messages }) => i < messages.length); i++)
    for (const { connection, messages } of left) if (messages[i]) connection.publish(...(messages[i] as Message));
  await untilStored(Object.assign({}, ...histories.map(({ chains }) => chains)) as Record<string, number>);
  for (const { sessions } of histories) await expect.poll(() => rowsOf(sessions), { timeout: 20_000 }).toEqual(expected);
});

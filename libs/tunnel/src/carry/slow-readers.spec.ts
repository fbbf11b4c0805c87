import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Link } from '../link/link.js';
import { Carry } from './carry.js';
import type { CarryCounts, CarryEnd } from './carry-end.js';
import { CARRIED_SOCKET } from './certain-ends.js';
import { openSockets, socketPair } from '../testing/socket-pair.js';

const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 25);
const SEED = Number(process.env['SLUICE_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const DEADLINE_MS = 20_000;

/** Both ends of a link. */
async function joined(): Promise<[Link, Link]> {
  const sockets = await socketPair(CARRIED_SOCKET);
  return sockets.map((socket) => {
    const link = new Link(socket);
    socket.resume();
    return link;
  }) as [Link, Link];
}

const PERIOD = 251;
const PATTERN = Buffer.from(Array.from({ length: PERIOD * 600 }, (_, i) => i % PERIOD));
/** The bytes of a stream from an offset on. The pattern reveals lost, repeated or reordered bytes, and bytes of another stream. */
const patternAt = (offset: number, length: number) => PATTERN.subarray(offset % PERIOD, (offset % PERIOD) + length);

/** What one of the two outer sockets does. */
interface Part {
  readonly pieces: readonly { readonly bytes: number; readonly pauseMs: number }[];
  readonly finish: 'end' | 'answer' | 'reset' | 'end, then reset';
  readonly resetAfterMs: number;
  readonly stallMs: number;
  readonly readPauseMs: number;
}

/** An outer socket that plays its part and notes what it receives. It uses `readInTurns`, so it can distinguish an end from a reset. */
class Actor {
  sent = 0;
  received = 0;
  ended = false;
  endedItself = false;
  damaged = false;
  private readonly heardEnd: Promise<void>;

  constructor(
    private readonly socket: Socket,
    private readonly part: Part,
    private readonly offset: number,
    private readonly otherOffset: number,
  ) {
    this.heardEnd = new Promise((resolve) => {
      socket.once('end', () => {
        this.ended = true;
        resolve();
      });
      socket.once('close', () => resolve());
    });
    setTimeout(() => socket.on('readable', () => setTimeout(() => this.read(), part.readPauseMs)), part.stallMs);
  }

  private read(): void {
    const chunk = this.socket.destroyed ? null : (this.socket.read() as Buffer | null);
    if (chunk === null) return;
    this.damaged ||= !chunk.equals(patternAt(this.otherOffset + this.received, chunk.length));
    this.received += chunk.length;
  }

  async act(): Promise<void> {
    const { socket, part } = this;
    for (const { bytes, pauseMs } of part.pieces) {
      for (let left = bytes; left > 0 && !socket.destroyed;) {
        const length = Math.min(left, 100_000);
        socket.write(patternAt(this.offset + this.sent, length));
        this.sent += length;
        left -= length;
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
    if (part.finish === 'answer') await this.heardEnd;
    if (part.finish !== 'reset') {
      socket.end();
      this.endedItself = true;
    }
    if (part.finish !== 'reset' && part.finish !== 'end, then reset') return;
    await sleep(part.resetAfterMs);
    socket.resetAndDestroy();
  }
}

interface Ended {
  readonly end: CarryEnd;
  readonly counts: CarryCounts;
  readonly differs: boolean;
}

/** Carries one session, and compares what both ends of the carry report with what the outer sockets observed. */
async function carryOne([agent, relay]: [Link, Link], number: number, parts: readonly [Part, Part]): Promise<boolean> {
  const [clientSocket, agentSide] = await socketPair(CARRIED_SOCKET);
  const [relaySide, targetSocket] = await socketPair(CARRIED_SOCKET);
  const client = new Actor(clientSocket, parts[0], number * 31, number * 31 + 100);
  const target = new Actor(targetSocket, parts[1], number * 31 + 100, number * 31);
  const closed = Promise.all(
    [clientSocket, targetSocket].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
  );
  const carry = (link: Link, socket: Socket) =>
    new Promise<Ended>((resolve) => {
      const carried: Carry = new Carry(link, socket, (end) => resolve({ end, counts: carried.counts, differs: carried.differs }));
      carried.start();
    });
  const ends = Promise.all([carry(agent, agentSide), carry(relay, relaySide)]);
  await Promise.all([client.act(), target.act()]);
  const [near, far] = await ends;
  await closed;
  expect([client.damaged, target.damaged]).toEqual([false, false]);
  // an interrupted transfer is never seen as an end, and a direction that ended is complete
  for (const [from, to] of [
    [client, target],
    [target, client],
  ] as const) {
    expect(to.received).toBeLessThanOrEqual(from.sent);
    if (to.ended) expect([from.endedItself, to.received]).toEqual([true, from.sent]);
  }
  const kinds = [near.end.kind, far.end.kind];
  if (!parts.some(({ finish }) => finish === 'reset' || finish === 'end, then reset')) expect(kinds).toEqual(['ended', 'ended']);
  if (!kinds.includes('ended')) {
    expect(kinds).toContain('local-reset');
    return false;
  }
  expect(kinds).toEqual(['ended', 'ended']);
  expect(parts.map(({ finish }) => finish)).not.toContain('reset');
  // a socket that resets after its own end may leave unread what its kernel had already accepted
  for (const [actor, { finish }] of [
    [client, parts[0]],
    [target, parts[1]],
  ] as const)
    if (finish !== 'end, then reset') expect(actor.ended).toBe(true);
  expect(near.counts).toEqual({ handed: target.sent, delivered: target.sent, read: client.sent });
  expect(far.counts).toEqual({ handed: client.sent, delivered: client.sent, read: target.sent });
  expect([near.differs, far.differs]).toEqual([false, false]);
  expect([agent.alive, relay.alive]).toEqual([true, true]);
  return true;
}

const bytes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_000_000, max: 9_000_000 }) },
);
const part: fc.Arbitrary<Part> = fc.record({
  pieces: fc.array(fc.record({ bytes, pauseMs: fc.constantFrom(0, 0, 1, 5) }), { maxLength: 4 }),
  finish: fc.constantFrom('end', 'end', 'end', 'answer', 'reset', 'end, then reset'),
  resetAfterMs: fc.integer({ min: 0, max: 30 }),
  stallMs: fc.constantFrom(0, 0, 20, 100),
  readPauseMs: fc.constantFrom(0, 1, 3),
});
/** Excludes that both sockets wait for the other's end, which would last indefinitely. */
const parts = fc
  .tuple(part, part)
  .map(([one, other]): [Part, Part] =>
    one.finish === 'answer' && other.finish === 'answer' ? [one, { ...other, finish: 'end' }] : [one, other],
  );

it(
  `carries between slow readers that end, half-close and reset as they like (${RUNS} runs, seed ${SEED})`,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 4 }), async (sessions) => {
        let links = await joined();
        for (const [number, both] of sessions.entries()) {
          let timer: NodeJS.Timeout | undefined;
          const late = new Promise<never>((_, reject) => {
            timer = setTimeout(() => reject(new Error('a session hangs')), DEADLINE_MS);
          });
          const again = await Promise.race([carryOne(links, number, both), late]).finally(() => clearTimeout(timer));
          if (!again) links = await joined();
        }
        for (const socket of openSockets) socket.destroy();
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  },
  120_000 + RUNS * 3000,
);

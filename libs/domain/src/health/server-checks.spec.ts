import { expect, it } from 'vitest';
import {
  askFor,
  checkAllowedAt,
  checkDueAt,
  forgetNodes,
  noteDial,
  relayToAsk,
  type ServerChecks,
  stateOf,
  UNCHECKED,
} from './server-checks.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const INTERVAL = 5 * MINUTE;
const BUDGET = 10 * SECOND;
const RELAYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const refused = { error: 'refused' };

interface Check {
  readonly at: number;
  readonly relay: string;
}

/** Runs checks, second by second, as they become due and allowed, and applies the results. */
function run(
  until: number,
  reaches: (relay: string, now: number) => boolean,
  more: {
    relays?: readonly string[];
    interval?: number;
    from?: { now: number; server: ServerChecks };
    onSecond?: (now: number, s: ServerChecks) => ServerChecks;
  } = {},
): { checks: Check[]; server: ServerChecks } {
  let server = more.from?.server ?? UNCHECKED;
  const checks: Check[] = [];
  for (let now = more.from?.now ?? SECOND; now < until; now += SECOND) {
    server = more.onSecond?.(now, server) ?? server;
    if (checkDueAt(server, more.interval ?? INTERVAL) > now) continue;
    const relay = relayToAsk(server, 'server', more.relays ?? RELAYS) as string;
    const asked = askFor(server, relay, BUDGET, now);
    if (!asked) continue;
    checks.push({ at: now, relay });
    server = noteDial(asked, relay, 'check', reaches(relay, now) ? {} : refused, now + 5, 1);
  }
  return { checks, server };
}

const gaps = (checks: readonly Check[]): number[] => checks.slice(1).map(({ at }, i) => (at - (checks[i] as Check).at) / SECOND);

it('has a healthy server without sessions checked once per interval, by three relays in turn', () => {
  const { checks } = run(60 * MINUTE, () => true);
  expect(checks).toHaveLength(12);
  expect(new Set(checks.map(({ relay }) => relay)).size).toBe(3);
  for (let i = 0; i + 3 <= checks.length; i++) expect(new Set(checks.slice(i, i + 3).map(({ relay }) => relay)).size).toBe(3);
});

it('spreads servers evenly over the relays of a large cluster, and keeps a server at its three', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 700; i++) {
    const id = `server-${i}`;
    const first = relayToAsk(UNCHECKED, id, RELAYS) as string;
    counts.set(first, (counts.get(first) ?? 0) + 1);
    expect(relayToAsk(UNCHECKED, id, [...RELAYS].reverse())).toBe(first);
  }
  for (const relay of RELAYS) expect(counts.get(relay)).toBeGreaterThan(60);
});

it('never has a busy server checked, whichever relay its sessions use', () => {
  const { checks } = run(60 * MINUTE, () => true, {
    onSecond: (now, server) => (now % (60 * SECOND) === SECOND ? noteDial(server, 'g', 'session', {}, now, 0) : server),
  });
  expect(checks).toEqual([]);
});

it('finds with two checks of one relay that a server is gone, then backs off to ten minutes', () => {
  const { checks, server } = run(40 * MINUTE, (_, now) => now < 5 * MINUTE, { relays: ['a'] });
  expect(gaps(checks)).toEqual([301, 11, 61, 301, 601, 601]); // the result comes within the second after the check
  expect(stateOf(server)).toBe('unhealthy');
});

it('accepts a failure that another relay confirms, and not one that only a single relay sees', () => {
  const { server, checks } = run(INTERVAL + 3 * MINUTE, (_, now) => now < INTERVAL, { relays: ['a', 'b'] });
  expect(new Set(checks.slice(1, 3).map(({ relay }) => relay)).size).toBe(2);
  expect(stateOf(server)).toBe('unhealthy');

  const partly = run(60 * MINUTE, (relay) => relay !== 'a', { relays: ['a', 'b', 'c'] });
  expect(stateOf(partly.server)).toBe('healthy');
  expect(partly.server.nodes['a']).toMatchObject({ state: 'unhealthy', lastError: 'refused' });
});

it('makes at most four connections within ten minutes by itself, and one per budget period whoever asks', () => {
  for (const brokenAt of [0, 1, 4, 9, 14].map((minutes) => minutes * MINUTE)) {
    const { checks } = run(60 * MINUTE, (_, now) => now < brokenAt, { relays: ['a', 'b', 'c'] });
    for (const { at } of checks)
      expect(checks.filter((other) => other.at >= at && other.at < at + 10 * MINUTE).length).toBeLessThan(5);
  }
  const asked = askFor(UNCHECKED, 'a', BUDGET, SECOND) as ServerChecks;
  const answered = noteDial(asked, 'a', 'check', {}, 2 * SECOND, 0);
  expect(askFor(answered, 'b', BUDGET, 11 * SECOND - 1)).toBeUndefined();
  expect(checkAllowedAt(answered, BUDGET)).toBe(11 * SECOND);
  expect(askFor(answered, 'b', BUDGET, 11 * SECOND)).toBeDefined();
});

it('asks another relay if the first one does not respond', () => {
  const asked = askFor(UNCHECKED, relayToAsk(UNCHECKED, 'server', ['a', 'b']) as string, BUDGET, SECOND) as ServerChecks;
  const [silent] = Object.keys(asked.nodes);
  expect(asked.nodes[silent as string]?.state).toBe('unknown');
  expect(checkDueAt(asked, INTERVAL)).toBe(10 * SECOND);
  expect(relayToAsk(asked, 'server', ['a', 'b'])).not.toBe(silent);
});

it('counts the failures of sessions, but does not delay a check because users retry', () => {
  let server = noteDial(UNCHECKED, 'a', 'check', {}, SECOND, 0);
  server = noteDial(server, 'a', 'session', refused, 2 * SECOND, 1);
  expect([stateOf(server), checkDueAt(server, INTERVAL)]).toEqual(['healthy', 12 * SECOND]);
  for (let second = 3; second < 12; second++) server = noteDial(server, 'a', 'session', refused, second * SECOND, 1);
  expect([stateOf(server), checkDueAt(server, INTERVAL)]).toEqual(['unhealthy', 12 * SECOND]);
  expect(stateOf(noteDial(server, 'b', 'session', {}, 12 * SECOND, 1))).toBe('healthy');
});

it('waits between four fifths of an interval and all of it, so that the checks of many servers spread out', () => {
  const due = [0, 0.5, 1].map((jitter) => checkDueAt(noteDial(UNCHECKED, 'a', 'check', {}, 0, jitter), INTERVAL));
  expect(due).toEqual([0.8 * INTERVAL, 0.9 * INTERVAL, INTERVAL]);
});

it('notes when a server changed, and only that', () => {
  let server = UNCHECKED;
  for (const [minute, result] of [{}, {}, refused, refused, refused, {}].entries())
    server = noteDial(server, 'a', 'check', result, minute * MINUTE, 0);
  expect(server.changes).toEqual([0, 3, 5].map((minute) => minute * MINUTE));
});

it('drops nodes that are gone', () => {
  const server = noteDial(noteDial(UNCHECKED, 'a', 'check', {}, 1, 0), 'b', 'check', refused, 2, 0);
  expect(stateOf(forgetNodes(server, (id) => id === 'a'))).toBe('unhealthy');
  expect(forgetNodes(server, () => false)).toBe(server);
});

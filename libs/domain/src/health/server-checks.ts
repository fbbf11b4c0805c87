import { recentChanges } from './flapping.js';
import { type DialResult, isDoubtful, type NodeHealth, noteResult, UNKNOWN_HEALTH } from './node-health.js';

/** How a resource is checked: not at all, by connecting, or by connecting and waiting until the service sends data. */
export const CHECK_MODES = ['off', 'connect', 'greeting'] as const;
/** How a resource is checked. */
export type CheckMode = (typeof CHECK_MODES)[number];

/** How long a check waits for the greeting of a service, in milliseconds. */
export const GREETING_WITHIN_MS = 2000;

/** What all nodes know about one resource. Times are in milliseconds since 1970. */
export interface ServerChecks {
  readonly nodes: Readonly<Record<string, NodeHealth>>;
  /** Consecutive failures over all nodes. A session can only count as the first of them, because users may retry any number of times. */
  readonly failuresInARow: number;
  /** When the result arrived that determines the time of the next check. */
  readonly timedFrom?: number | undefined;
  /** A random number from 0 to 1, drawn with that result. */
  readonly jitter: number;
  /** When a relay was last asked for a check; each check makes one connection. */
  readonly askedAt?: number | undefined;
  /** When the resource became healthy or unhealthy within the last ten minutes. */
  readonly changes: readonly number[];
}

/** Before the first check. */
export const UNCHECKED: ServerChecks = { nodes: {}, failuresInARow: 0, jitter: 0, changes: [] };

/** The maximum number of relays that check a resource: enough for a reliable result, and too few to look like an attack. */
const RELAYS = 3;
/**
 * The delays after the first, second, third and every later consecutive failure, in milliseconds. Together with the check before
 * the first failure, they allow four connections within ten minutes, so that a service which bans an address after five failed
 * connections does not ban the relay.
 */
const BACK_OFF_MS = [10_000, 60_000, 300_000, 600_000] as const;
/** How long a relay may take to respond, in milliseconds. After that the check is repeated. */
const RESPONSE_WITHIN_MS = 9000;

/** A resource is healthy if at least one node reaches it. */
export const stateOf = ({ nodes }: ServerChecks): 'healthy' | 'unhealthy' =>
  Object.values(nodes).some(({ state }) => state === 'healthy') ? 'healthy' : 'unhealthy';

/** Applies the result of a dial that a node made for a check or for a session. `jitter` is a random number from 0 to 1. */
export function noteDial(
  before: ServerChecks,
  nodeId: string,
  by: 'check' | 'session',
  result: DialResult,
  now: number,
  jitter: number,
): ServerChecks {
  const failed = result.error !== undefined;
  const known = before.failuresInARow;
  const node = noteResult(before.nodes[nodeId] ?? UNKNOWN_HEALTH, result, now, known > 0);
  const others = Object.entries(before.nodes).map(([id, health]): [string, NodeHealth] =>
    failed && known > 0 && isDoubtful(health) ? [id, { ...health, state: 'unhealthy' }] : [id, health],
  );
  const after: ServerChecks = {
    ...before,
    nodes: { ...Object.fromEntries(others), [nodeId]: node },
    failuresInARow: !failed ? 0 : by === 'check' ? known + 1 : Math.max(known, 1),
    ...(failed && by === 'session' && known > 0 ? {} : { timedFrom: now, jitter }), // sessions do not delay the check of a failing resource
  };
  const turned = stateOf(after) !== stateOf(before);
  return { ...after, changes: recentChanges(turned ? [...before.changes, now] : before.changes, now) };
}

/** When the next check is due; 0 before the first one. A healthy resource is checked after `intervalMs` without a session. */
export function checkDueAt(server: ServerChecks, intervalMs: number): number {
  const due = server.timedFrom === undefined ? 0 : server.timedFrom + waitOf(server, intervalMs) * (0.8 + 0.2 * server.jitter);
  const unanswered = server.askedAt !== undefined && server.askedAt > (server.timedFrom ?? 0);
  return unanswered ? Math.max(due, (server.askedAt as number) + RESPONSE_WITHIN_MS) : due;
}

function waitOf({ failuresInARow, nodes }: ServerChecks, intervalMs: number): number {
  if (failuresInARow > 0) return BACK_OFF_MS[Math.min(failuresInARow, BACK_OFF_MS.length) - 1] as number;
  return Object.values(nodes).some(isDoubtful) ? BACK_OFF_MS[0] : intervalMs;
}

/** When the budget, one connection per `budgetMs` over all relays, next allows a check; 0 if there was none yet. */
export const checkAllowedAt = ({ askedAt }: ServerChecks, budgetMs: number): number =>
  askedAt === undefined ? 0 : askedAt + budgetMs;

/** Takes the one connection that the budget allows now, for a relay. @returns undefined if it does not allow one yet */
export function askFor(server: ServerChecks, relayId: string, budgetMs: number, now: number): ServerChecks | undefined {
  if (checkAllowedAt(server, budgetMs) > now) return undefined;
  const node = server.nodes[relayId] ?? UNKNOWN_HEALTH;
  return { ...server, askedAt: now, nodes: { ...server.nodes, [relayId]: { ...node, askedAt: now } } };
}

/**
 * The relay that makes the next check. It is one of three that are assigned to the resource as long as they are online: one
 * whose failure is not confirmed yet, otherwise the one whose last check is longest ago.
 */
export function relayToAsk(server: ServerChecks, resourceId: string, relayIds: readonly string[]): string | undefined {
  const able = [...relayIds].sort((a, b) => rank(resourceId, a) - rank(resourceId, b)).slice(0, RELAYS);
  const of = (id: string): NodeHealth => server.nodes[id] ?? UNKNOWN_HEALTH;
  const lastContactAt = (id: string): number => Math.max(of(id).askedAt ?? 0, of(id).checkedAt ?? 0);
  const confirms = (id: string): boolean =>
    server.failuresInARow === 0 && isDoubtful(of(id)) && (of(id).askedAt ?? 0) <= (of(id).checkedAt ?? 0);
  return able.sort((a, b) => Number(confirms(b)) - Number(confirms(a)) || lastContactAt(a) - lastContactAt(b))[0];
}

/** A hash of a resource and a relay that spreads resources evenly over many relays (FNV-1a with a final mix). */
function rank(resourceId: string, relayId: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${resourceId} ${relayId}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Removes nodes that no longer exist, whose results are out of date. @returns the same object if there are none */
export function forgetNodes(server: ServerChecks, isGone: (nodeId: string) => boolean): ServerChecks {
  const remaining = Object.entries(server.nodes).filter(([id]) => !isGone(id));
  return remaining.length === Object.keys(server.nodes).length ? server : { ...server, nodes: Object.fromEntries(remaining) };
}

/** What is known of one resource from one node. Times in milliseconds since 1970. */
export interface NodeHealth {
  readonly state: 'unknown' | 'healthy' | 'unhealthy';
  readonly checkedAt: number | undefined;
  readonly lastError: string | undefined;
  readonly lastErrorAt: number | undefined;
  readonly failuresInARow: number;
  /** How long the last probe that reached it took to connect, in milliseconds. */
  readonly roundTripMs: number | undefined;
}

/** Before the first check. */
export const UNKNOWN_HEALTH: NodeHealth = {
  state: 'unknown',
  checkedAt: undefined,
  lastError: undefined,
  lastErrorAt: undefined,
  failuresInARow: 0,
  roundTripMs: undefined,
};

/** A healthy node becomes unhealthy with the second failure in a row, so that one lost packet changes nothing. */
const FAILURES_TO_TURN = 2;
const FIRST_RETRY_MS = 3000;

/**
 * What a result makes of a node's health.
 *
 *   unknown ──success──► healthy ──two failures──► unhealthy ──success──► healthy
 *      └────failure────────────────────────────────────▲
 */
export function noteResult(
  before: NodeHealth,
  error: string | undefined,
  now: number,
  roundTripMs = before.roundTripMs,
): NodeHealth {
  if (error === undefined) return { ...before, state: 'healthy', checkedAt: now, failuresInARow: 0, roundTripMs };
  const failuresInARow = before.failuresInARow + 1;
  const state = before.state === 'healthy' && failuresInARow < FAILURES_TO_TURN ? 'healthy' : 'unhealthy';
  return { ...before, state, checkedAt: now, lastError: error, lastErrorAt: now, failuresInARow };
}

/** How long to wait for the next probe, in milliseconds: soon after a failure, then ever later; `jitter` is 0 to 1. */
export function nextProbeIn(health: NodeHealth, intervalMs: number, jitter: number): number {
  if (health.state === 'unknown') return 0;
  const wait =
    health.failuresInARow === 0
      ? intervalMs
      : Math.min(intervalMs, FIRST_RETRY_MS * 2 ** Math.min(10, health.failuresInARow - 1));
  return wait * (0.8 + 0.4 * jitter);
}

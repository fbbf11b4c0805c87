/** What one node knows about one resource. Times are in milliseconds since 1970. */
export interface NodeHealth {
  readonly state: 'unknown' | 'healthy' | 'unhealthy';
  readonly failuresInARow: number;
  /** When the node was last asked for a check; it may not have responded yet. */
  readonly askedAt?: number | undefined;
  readonly checkedAt?: number | undefined;
  readonly lastError?: string | undefined;
  readonly lastErrorAt?: number | undefined;
  /** How long the last check that reached the resource took to connect, in milliseconds. */
  readonly roundTripMs?: number | undefined;
}

/** The state before the first check. */
export const UNKNOWN_HEALTH: NodeHealth = { state: 'unknown', failuresInARow: 0 };

/** The result of one dial, by a check or by a session. */
export interface DialResult {
  /** Why the resource was not reached; undefined if it was. */
  readonly error?: string | undefined;
  readonly roundTripMs?: number | undefined;
}

/**
 * The health of a node after a result.
 *
 *   unknown ──success──► healthy ──failure, confirmed──► unhealthy ──success──► healthy
 *      └────failure─────────────────────────────────────────▲
 *
 * @param confirmed whether the previous dial of the same resource, by this node or another, failed too. A single lost packet
 *   therefore has no effect.
 */
export function noteResult(before: NodeHealth, { error, roundTripMs }: DialResult, now: number, confirmed: boolean): NodeHealth {
  if (error === undefined)
    return { ...before, state: 'healthy', checkedAt: now, failuresInARow: 0, roundTripMs: roundTripMs ?? before.roundTripMs };
  const failed = { ...before, failuresInARow: before.failuresInARow + 1, checkedAt: now, lastError: error, lastErrorAt: now };
  const certain = confirmed || before.state === 'unknown' || before.failuresInARow > 0;
  return certain ? { ...failed, state: 'unhealthy' } : failed;
}

/** Whether a healthy node has a failure that is not confirmed yet. */
export const isDoubtful = (node: NodeHealth): boolean => node.state === 'healthy' && node.failuresInARow > 0;

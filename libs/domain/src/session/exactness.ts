/**
 * How far the byte counts of a record can be trusted.
 *
 *   exact      the session ended in both directions, or nothing was ever sent to the resource
 *   at most    the session was cut: the resource may not have read everything that a kernel accepted
 *   at least   the relay was lost: the counts are those of the last checkpoint
 */
export const EXACTNESS = ['exact', 'at most', 'at least'] as const;

/** How far the byte counts of a record can be trusted. */
export type Exactness = (typeof EXACTNESS)[number];

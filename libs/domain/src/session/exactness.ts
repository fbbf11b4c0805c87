/**
 * How far the byte counts of a record can be trusted.
 *
 *   exact      ended in both directions, or nothing was ever sent to the resource
 *   at most    cut: what a kernel took, the resource may never have read
 *   at least   the relay was lost: the last checkpoint
 */
export const EXACTNESS = ['exact', 'at most', 'at least'] as const;

/** How far the byte counts of a record can be trusted. */
export type Exactness = (typeof EXACTNESS)[number];

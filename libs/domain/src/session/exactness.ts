/**
 * How far the byte counts of a record can be trusted.
 *
 *   exact      ended, or reset while nothing was queued
 *   at most    reset with bytes still queued: taken by the kernel is not delivered
 *   at least   the relay was lost: the last checkpoint
 */
export const EXACTNESS = ['exact', 'at most', 'at least'] as const;

/** How far the byte counts of a record can be trusted. */
export type Exactness = (typeof EXACTNESS)[number];

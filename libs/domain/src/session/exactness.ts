import type { RecordState } from './record-state.js';

/**
 * How far the byte counts of a record can be trusted.
 *
 *   exact      the session ended in both directions, or nothing was ever sent to the resource
 *   at most    the session was cut: the resource may not have read everything that a kernel accepted
 *   at least   the session is running, or the relay was lost: the counts are those of the last checkpoint (what a kernel accepted)
 */
export const EXACTNESS = ['exact', 'at most', 'at least'] as const;

/** How far the byte counts of a record can be trusted. */
export type Exactness = (typeof EXACTNESS)[number];

/** The sign that stands before byte counts. */
export const EXACTNESS_SIGNS: Readonly<Record<Exactness, string>> = { exact: '', 'at most': '≤ ', 'at least': '≥ ' };

/** How exact the counts of a record are: until it is final they are those of the last checkpoint. */
export const exactnessOf = (record: { readonly state: RecordState; readonly exactness: Exactness | null }): Exactness =>
  record.state === 'final' ? (record.exactness ?? 'exact') : 'at least';

/** Bytes that a record says were carried: a running session has carried none before its first checkpoint. Null: nothing was counted. */
export const bytesCarried = (count: number | null, { state }: { readonly state: RecordState }): number | null =>
  count ?? (state === 'live' ? 0 : null);

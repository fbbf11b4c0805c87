import type { Exactness } from '@sluice/domain';
import { Bytes } from '../words/quantity.js';

/** The prefix of byte counts that are not exact. */
const SIGNS: Readonly<Record<Exactness, string>> = { exact: '', 'at most': '≤ ', 'at least': '≥ ' };

/** What the sign before a count means. */
export const EXACTNESS_WORDS: Readonly<Record<Exactness, string>> = {
  exact: 'Exact',
  'at most': 'At most: the session was cut, and the server may not have read the last of what was sent to it',
  'at least': 'At least: the session runs, or its relay was lost; these are the figures of its last checkpoint',
};

/** Bytes of a session, with a sign if they are not exact. */
export const CountedBytes = ({ count, exactness }: { readonly count: number | null; readonly exactness: Exactness | null }) => (
  <Bytes count={count} sign={exactness === null ? '' : SIGNS[exactness]} />
);

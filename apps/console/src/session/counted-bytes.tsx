import { bytesCarried, type Exactness, EXACTNESS_SIGNS, exactnessOf } from '@sluice/domain';
import { Bytes } from '../words/quantity.js';
import type { Session } from './sessions.js';

/** What the sign before a count means. */
export const EXACTNESS_WORDS: Readonly<Record<Exactness, string>> = {
  exact: 'Exact',
  'at most': 'At most: the session was cut, and the server may not have read the last of what was sent to it',
  'at least':
    'At least: the session is running, or its relay was lost; these are the figures of its last checkpoint, and of a lost relay the server may not have read them all',
};

/** Bytes of a session in one direction, with a sign if they are not exact. */
export const CountedBytes = ({ count, session }: { readonly count: number | null; readonly session: Session }) => (
  <Bytes count={bytesCarried(count, session)} sign={EXACTNESS_SIGNS[exactnessOf(session)]} />
);

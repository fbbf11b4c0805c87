/**
 * The states of a session's record at the audit service. Each transition increases the record's revision.
 *
 *   live ──► presumed ended ──► final
 *    └─────────────────────────▲        (its end was reported)
 *
 *   live             opened, and no end is known
 *   presumed ended   its relay was lost: the end is a guess, until the relay reports it or the guess becomes final
 *   final            never changes again
 */
const NEXT = {
  live: ['presumed ended', 'final'],
  'presumed ended': ['final'],
  final: [],
} as const;

/** The state of a session's record. */
export type RecordState = keyof typeof NEXT;

/** All states of a record, in order. */
export const RECORD_STATES = Object.keys(NEXT) as [RecordState, ...RecordState[]];

/** All transitions of a record. The database rejects any other. */
export const RECORD_MOVES: readonly (readonly [RecordState, RecordState])[] = RECORD_STATES.flatMap((from) =>
  NEXT[from].map((to) => [from, to] as const),
);

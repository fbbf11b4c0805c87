/**
 * The life of a session's record at the audit service. Each move raises the record's revision.
 *
 *   live ──► presumed ended ──► final
 *    └─────────────────────────▲        (its end was reported)
 *
 *   live             opened, and no end is known
 *   presumed ended   its relay was lost: the end is a guess, until the relay says it or the guess becomes final
 *   final            never changes again
 */
const NEXT = {
  live: ['presumed ended', 'final'],
  'presumed ended': ['final'],
  final: [],
} as const;

/** Where the record of a session stands. */
export type RecordState = keyof typeof NEXT;

/** Every state of a record, in the order of its life. */
export const RECORD_STATES = Object.keys(NEXT) as [RecordState, ...RecordState[]];

/** Every move of a record that there is. The database lets no other happen. */
export const RECORD_MOVES: readonly (readonly [RecordState, RecordState])[] = RECORD_STATES.flatMap((from) =>
  NEXT[from].map((to) => [from, to] as const),
);

/**
 * The life of a session at its relay.
 *
 *   requested ──► dialing ──► active ──► ended
 *       │            │                     ▲
 *       └────────────┴─────────────────────┘   (refused, failed)
 */
const NEXT = {
  requested: ['dialing', 'ended'],
  dialing: ['active', 'ended'],
  active: ['ended'],
  ended: [],
} as const;

/** Where a session stands. */
export type SessionState = keyof typeof NEXT;

/** Moves a session on. @throws Error for a move that the table does not have: that is a fault of ours. */
export function moveSession(from: SessionState, to: SessionState): SessionState {
  if (!(NEXT[from] as readonly SessionState[]).includes(to)) throw new Error(`a session cannot go from ${from} to ${to}`);
  return to;
}

/**
 * The states of a session at its relay.
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

/** The state of a session. */
export type SessionState = keyof typeof NEXT;

/** Checks a transition. @throws Error for one that the table does not list, which is a programming error */
export function moveSession(from: SessionState, to: SessionState): SessionState {
  if (!(NEXT[from] as readonly SessionState[]).includes(to)) throw new Error(`a session cannot go from ${from} to ${to}`);
  return to;
}

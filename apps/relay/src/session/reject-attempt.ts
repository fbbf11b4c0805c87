import { type AttemptEnd, outcomeOf, safeToRetry } from '@sluice/domain';
import type { Link, Refused } from '@sluice/tunnel';
import type { LiveSession } from './live-session.js';
import type { SessionContext } from './session-context.js';
import { countEnded } from './session-metrics.js';

/** Why an attempt did not become a session, and the address that was dialled, if any. */
export interface RejectedAttempt {
  readonly reason: AttemptEnd;
  readonly message: string;
  readonly address: string | null;
  /** Set when its end is already in the journal. */
  readonly recorded?: true;
}

/**
 * Sends `refused` on the link and records the attempt.
 * @param serveAgain makes the link wait for the next `open`
 */
export function rejectAttempt(
  link: Link,
  session: LiveSession,
  { reason, message, address, recorded }: RejectedAttempt,
  { book }: SessionContext,
  serveAgain: () => void,
): void {
  session.move('ended');
  countEnded(reason, 'before');
  // an attempt that cannot be recorded gets no response: the agent tries another relay, or reports that none responded
  if (book.room === 'journal failed') return link.destroy();
  const refused: Refused = { reason, message: message.slice(0, 400), safeToRetry: safeToRetry(reason) };
  if (link.alive) {
    link.answer('refused', refused);
    serveAgain();
  }
  if (recorded) return;
  const record = session.attemptEnded(reason, message, address);
  if (outcomeOf(reason, 'before') === 'refused') book.refused(record);
  else book.failed(record);
}

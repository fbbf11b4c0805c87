import { contextOf, inSpan, noteFailure } from '@sluice/traces';
import type { LiveSession } from './live-session.js';
import type { RejectedAttempt } from './reject-attempt.js';

/**
 * Opens a session in a span of the agent's trace, which ends when the session is open or rejected, not when it ends. The agent
 * has proved which account it acts for, so its trace decides whether this part is sampled.
 */
export function traceOpening<T extends object>(
  session: LiveSession,
  traceparent: string | undefined,
  open: () => Promise<T | RejectedAttempt>,
): Promise<T | RejectedAttempt> {
  const attributes = {
    'sluice.session.id': session.id,
    'sluice.request.id': session.requestId,
    'sluice.attempt': session.attempt,
    'sluice.resource.id': session.resourceId,
  };
  return inSpan('session open', { kind: 'server', parent: contextOf(traceparent, 'authenticated'), attributes }, async (span) => {
    const opened = await open();
    if ('reason' in opened) noteFailure(span, opened.reason, false);
    return opened;
  });
}

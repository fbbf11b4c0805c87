import type { Socket } from 'node:net';
import { Carry, type Link } from '@sluice/tunnel';
import { agentCounts, explainEnd } from './explain-end.js';
import type { LiveSession } from './live-session.js';
import type { SessionContext } from './session-context.js';
import { countEnded } from './session-metrics.js';

/**
 * Sends `opened` and carries the session's bytes. Resolves when its end was appended to the journal; only the end of the run
 * waits until it is durable.
 * @param serveAgain makes the link wait for the next `open`. It is called if both directions ended, before the next frame is
 * read, because that may already be an `open`
 */
export function carrySession(
  link: Link,
  session: LiveSession,
  socket: Socket,
  { book }: SessionContext,
  serveAgain: () => void,
): Promise<void> {
  link.send('opened', {});
  return new Promise<void>((resolve) => {
    const carry = new Carry(link, socket, (end) => {
      if (end.kind === 'ended') serveAgain();
      const { reason, message } = explainEnd(end, session.ending);
      session.move('ended');
      countEnded(reason, 'active');
      void book.closed(session.resourceId, session.closed(reason, message, carry.counts, agentCounts(carry, end)));
      resolve();
    });
    session.carriedBy(
      (ending) => carry.abort(ending.reason, ending.message),
      () => carry.counts,
    );
    carry.start();
  });
}

import { type Link, Open, readBody } from '@sluice/tunnel';
import type { z } from 'zod';
import type { LinkPeer } from './live-session.js';
import type { SessionContext } from './session-context.js';

/**
 * Waits for an `open` on a link and then hands the link over to the new session. It is called for every new link, and again
 * after each session that leaves the link usable. `closeExpiredLinks` ends the wait when the peer's certificate expires.
 * @param onOpen starts the session; the link is destroyed when its promise rejects
 */
export function serveLink(
  link: Link,
  peer: LinkPeer,
  { idle, drains, log }: SessionContext,
  onOpen: (open: z.infer<typeof Open>) => Promise<void>,
): void {
  if (drains.closesIdle(peer.gateway)) return link.close();
  if (Date.now() >= peer.expiresAt) return link.destroy();
  idle.set(link, peer);
  const leave = () => void idle.delete(link);
  link.use({
    onData: () => link.destroy(new Error('data before open')),
    onFrame: (type, body) => {
      leave();
      const open = type === 'open' ? readBody(body, Open) : undefined;
      if (!open) return link.destroy(new Error(`a ${type} frame on a link that waits for open`));
      onOpen(open).catch((error: unknown) => {
        log.error({ err: error }, 'a session failed because of an unexpected error in the relay');
        link.destroy();
      });
    },
    onGone: leave,
  });
}

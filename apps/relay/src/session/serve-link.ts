import { type Link, Open, readBody } from '@sluice/tunnel';
import type { z } from 'zod';
import type { LinkPeer } from './live-session.js';
import type { SessionContext } from './session-context.js';

/** A link that has waited this long is closed even if its certificate is valid for longer. The agent then dials another. */
const LONGEST_WAIT_MS = 24 * 3600_000;

/**
 * Waits for an `open` on a link and then hands the link over to the new session. It is called for every new link, and again
 * after each session that leaves the link usable.
 * @param onOpen starts the session; the link is destroyed when its promise rejects
 */
export function serveLink(
  link: Link,
  peer: LinkPeer,
  { idle, retired, drains, log }: SessionContext,
  onOpen: (open: z.infer<typeof Open>) => Promise<void>,
): void {
  if (retired.has(peer) || drains.closesIdle(peer.gatewayId)) return link.close();
  const validMs = peer.expiresAt - Date.now();
  if (validMs <= 0) return link.destroy();
  idle.set(link, peer);
  const expiry = setTimeout(() => idle.has(link) && link.close(), Math.min(validMs, LONGEST_WAIT_MS)).unref();
  const leave = () => {
    clearTimeout(expiry);
    idle.delete(link);
  };
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

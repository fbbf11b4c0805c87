import { settingsOf } from '@sluice/domain';
import type { Ending, LiveSession } from './live-session.js';
import type { SessionContext } from './session-context.js';

const CHECKPOINT_EVERY_MS = 5000;
const CHECK_EVERY_MS = 1000;

/**
 * Starts the timers that serve all sessions and links: one ends sessions that have reached a time limit, and closes waiting links
 * whose certificate has expired; the other records how many bytes each session has carried so far. A timer for each link would be
 * dear: Node keeps a list for every duration that an unreferenced timer ever had, until that time has passed.
 * @returns stops the timers
 */
export function startTimeouts(context: SessionContext): () => void {
  const timers = [
    setInterval(() => {
      endOverdue(context);
      closeExpiredLinks(context);
    }, CHECK_EVERY_MS),
    setInterval(() => recordCheckpoints(context), CHECKPOINT_EVERY_MS),
  ];
  return () => timers.forEach((timer) => clearInterval(timer));
}

/** Ends the sessions that have reached a time limit or the deadline of a drain, or all sessions if the policy is too old. */
function endOverdue({ live, policy, config, drains }: SessionContext): void {
  const stale = policy.ageMs > config.staleLiveMs;
  const overtime = (session: LiveSession): Ending | undefined =>
    session.overtime(settingsOf(policy.settings, policy.resource(session.resourceId)?.settings ?? {}));
  const now = Date.now();
  for (const session of live) {
    const ending = stale ? POLICY_STALE : (drains.ending(session.peer.gateway, now) ?? overtime(session));
    if (ending) session.end(ending);
  }
}

/** Closes the links that wait for `open` although their peer's certificate has expired. */
function closeExpiredLinks({ idle }: SessionContext): void {
  const now = Date.now();
  for (const [link, peer] of idle) if (now >= peer.expiresAt) link.close();
}

const POLICY_STALE: Ending = {
  reason: 'policy stale',
  message: 'the relay has received nothing from the registry for too long',
};

function recordCheckpoints({ live, book }: SessionContext): void {
  for (const session of live) {
    const data = session.checkpoint();
    if (data) void book.checkpoint(session.resourceId, data);
  }
}

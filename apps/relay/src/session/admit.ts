import { type AttemptEnd, decideAccess, type PolicyResource } from '@sluice/domain';
import type { RelayConfig } from '../config.js';
import { type PolicyCopy, STALE_FOR_NEW_MS } from '../policy/policy-copy.js';
import type { LiveSession } from './live-session.js';
import type { SessionBook } from './session-book.js';

/** What the door looks at besides the session itself. */
export interface DoorState {
  readonly policy: PolicyCopy;
  readonly book: SessionBook;
  readonly config: RelayConfig;
  readonly draining: boolean;
  readonly sessions: number;
}

/** Let in, with the resource to dial; or not, and why. */
export type Admission = { readonly resource: PolicyResource } | { readonly reason: AttemptEnd; readonly message: string };

/** Decides, at every open anew, whether a session may begin. Notes on the session what the decision found out. */
export function admit(session: LiveSession, door: DoorState): Admission {
  const { policy, config } = door;
  const { peer } = session;
  const resource = policy.resource(session.resourceId);
  session.facts = {
    email: policy.account(peer.accountId)?.email ?? null,
    name: resource?.name ?? null,
    endpoint: resource ? `${resource.hostname}:${resource.port}` : null,
    tags: resource ? { ...resource.tags } : null,
    rule: null,
  };
  if (Date.now() >= peer.expiresAt) return { reason: 'certificate expired', message: 'the certificate of this link has ended' };
  if (door.draining) return { reason: 'draining', message: 'this relay is being drained' };
  if (policy.ageMs > STALE_FOR_NEW_MS)
    return { reason: 'policy stale', message: 'this relay has not heard from the registry for too long' };
  const decision = decideAccess(policy, { accountId: peer.accountId, loginId: peer.loginId, resourceId: session.resourceId });
  if (!decision.allowed) return decision;
  session.facts.rule = decision.rule;
  if (door.sessions >= config.maxSessions)
    return { reason: 'limit reached', message: `this relay carries ${door.sessions} sessions, its limit` };
  const room = door.book.room;
  if (room !== 'yes') return { reason: room, message: `this relay cannot record sessions now (${room})` };
  return { resource: decision.resource };
}

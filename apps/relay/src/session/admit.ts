import { type AttemptEnd, decideAccess, type PolicyResource, reaches, settingsOf } from '@sluice/domain';
import type { LiveSession } from './live-session.js';
import type { SessionContext } from './session-context.js';

/** What an admission depends on. The session itself is already counted among the live ones. */
type AdmissionState = Pick<SessionContext, 'policy' | 'book' | 'config' | 'live'> & {
  readonly drains: Pick<SessionContext['drains'], 'here'>;
};

/** For a link whose certificate was issued between a backup and its restore, so that the registry no longer knows the login. */
export const FORGOTTEN = {
  reason: 'login ended',
  message: 'this login is no longer known because a backup was restored',
} as const;

/** The resource to dial if the session is admitted; otherwise the reason why it is not. */
export type Admission = { readonly resource: PolicyResource } | { readonly reason: AttemptEnd; readonly message: string };

/** Decides whether a session may begin; evaluated for every `open`. Notes the names that the record needs on the session. */
export function admit(session: LiveSession, state: AdmissionState): Admission {
  const { policy } = state;
  const { peer } = session;
  const resource = policy.resource(session.resourceId);
  session.namesAtStart = {
    email: policy.account(peer.accountId)?.email ?? null,
    name: resource?.name ?? null,
    endpoint: resource ? `${resource.hostname}:${resource.port}` : null,
    tags: resource ? { ...resource.tags } : null,
    rule: null,
  };
  if (Date.now() >= peer.expiresAt) return { reason: 'certificate expired', message: 'the certificate of this link has expired' };
  if (policy.revokedIssue(peer.issuedAt)) return FORGOTTEN;
  if (state.drains.here) return { reason: 'draining', message: 'this relay is being drained' };
  if (policy.ageMs > state.config.staleNewMs)
    return { reason: 'policy stale', message: 'this relay has received nothing from the registry for too long' };
  const decision = decideAccess(policy, { accountId: peer.accountId, loginId: peer.loginId, resourceId: session.resourceId });
  if (!decision.allowed) return decision;
  session.namesAtStart.rule = decision.rule;
  const full = limitReached(state, session, decision.resource);
  if (full !== undefined) return { reason: 'limit reached', message: full };
  const room = state.book.room;
  if (room !== 'yes') return { reason: room, message: `this relay cannot record sessions now (${room})` };
  return { resource: decision.resource };
}

function limitReached(
  { config, policy, live }: AdmissionState,
  { peer, addressKey }: LiveSession,
  resource: PolicyResource,
): string | undefined {
  const others = live.all - 1; // here and below, the session that is being admitted is not counted
  if (others >= config.maxSessions) return `this relay carries ${others} sessions, which is its limit`;
  const own = live.ofAccount(peer.accountId) - 1;
  if (reaches(own, policy.settings.sessionsPerAccount))
    return `your account has ${own} sessions at this relay, which is the limit`;
  const { address } = peer.client;
  const from = live.fromAddress(addressKey) - 1;
  if (reaches(from, policy.settings.sessionsPerAddress))
    return `your address ${address} has ${from} sessions at this relay, which is the limit`;
  const there = live.toResource(resource.id) - 1;
  if (reaches(there, settingsOf(policy.settings, resource.settings).sessionsPerServer))
    return `${resource.name} has ${there} sessions at this relay, which is the limit`;
  return undefined;
}

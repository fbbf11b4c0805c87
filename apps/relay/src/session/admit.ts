import { type AttemptEnd, decideAccess, type PolicyResource, reaches, settingsOf } from '@sluice/domain';
import type { LinkPeer, LiveSession } from './live-session.js';
import type { SessionContext } from './session-context.js';

/** What an admission depends on besides the session itself, which is among the live ones already. */
type AdmissionState = Pick<SessionContext, 'policy' | 'book' | 'config' | 'draining' | 'live'>;

/** The certificate of a link was issued after a backup that was restored. */
export const FORGOTTEN = { reason: 'login ended', message: 'this login is not known any more: a backup was restored' } as const;

/** Let in, with the resource to dial; or not, and why. */
export type Admission = { readonly resource: PolicyResource } | { readonly reason: AttemptEnd; readonly message: string };

/** Decides, at every open anew, whether a session may begin. Notes on the session what the decision found out. */
export function admit(session: LiveSession, state: AdmissionState): Admission {
  const { policy } = state;
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
  if (policy.revokedIssue(peer.issuedAt)) return FORGOTTEN;
  if (state.draining) return { reason: 'draining', message: 'this relay is being drained' };
  if (policy.ageMs > state.config.stale.newMs)
    return { reason: 'policy stale', message: 'this relay has received nothing from the registry for too long' };
  const decision = decideAccess(policy, { accountId: peer.accountId, loginId: peer.loginId, resourceId: session.resourceId });
  if (!decision.allowed) return decision;
  session.facts.rule = decision.rule;
  const full = limitReached(state, peer, decision.resource);
  if (full !== undefined) return { reason: 'limit reached', message: full };
  const room = state.book.room;
  if (room !== 'yes') return { reason: room, message: `this relay cannot record sessions now (${room})` };
  return { resource: decision.resource };
}

function limitReached({ config, policy, live }: AdmissionState, peer: LinkPeer, resource: PolicyResource): string | undefined {
  const others = live.all - 1; // without the session that is being admitted, here and below
  if (others >= config.maxSessions) return `this relay carries ${others} sessions, its limit`;
  const own = live.ofAccount(peer.accountId) - 1;
  if (reaches(own, policy.settings.sessionsPerAccount)) return `your account has ${own} sessions at this relay, its limit`;
  const { address } = peer.client;
  const from = live.fromAddress(address) - 1;
  if (reaches(from, policy.settings.sessionsPerAddress))
    return `your address ${address} has ${from} sessions at this relay, its limit`;
  const there = live.toResource(resource.id) - 1;
  if (reaches(there, settingsOf(policy.settings, resource.settings).sessionsPerServer))
    return `${resource.name} has ${there} sessions at this relay, its limit`;
  return undefined;
}

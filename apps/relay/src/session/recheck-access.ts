import { decideAccess, endReasonOfChange } from '@sluice/domain';
import { FORGOTTEN } from './admit.js';
import type { SessionContext } from './session-context.js';

/**
 * After a change of the policy: ends the sessions that it no longer allows, and the idle links of accounts and logins that
 * were revoked.
 * @param changedAt when the change was committed, milliseconds since 1970
 */
export function recheckAccess(
  { live, idle, policy }: Pick<SessionContext, 'live' | 'idle' | 'policy'>,
  changedAt: number | undefined,
): void {
  for (const session of live) {
    const { accountId, loginId, issuedAt } = session.peer;
    if (policy.revokedIssue(issuedAt)) session.end({ ...FORGOTTEN, changedAt });
    const decision = decideAccess(policy, { accountId, loginId, resourceId: session.resourceId });
    if (!decision.allowed) session.end({ reason: endReasonOfChange(decision.reason), message: decision.message, changedAt });
  }
  for (const [link, peer] of idle) {
    if (policy.revocationOf({ kind: 'account', ...peer }, peer) !== undefined) link.destroy();
  }
}

import type { Identity } from '@sluice/identity';
import type { Peer } from '@sluice/tunnel';
import type { PolicyCopy } from '../policy/policy-copy.js';
import type { NodeIdentity } from './node-identity.js';

/** Checks a certificate of the kind that belongs there, and that its identity is not revoked. @throws Error whose message says why not */
export type VerifyKind = <K extends Identity['kind']>(der: Buffer, kind: K) => Peer<Extract<Identity, { kind: K }>>;

/** A check of certificates against this relay's authority and its copy of the policy. */
export const peerVerifier =
  (node: NodeIdentity, policy: PolicyCopy): VerifyKind =>
  (der, kind) => {
    const { identity, ...proven } = node.own.verify(der);
    if (identity.kind !== kind) throw new Error(`a certificate of the kind ${identity.kind} where ${kind} belongs`);
    const revoked =
      identity.kind === 'account'
        ? policy.revoked('account', identity.accountId) || policy.revoked('login', identity.loginId)
        : policy.revoked('node', identity.nodeId);
    if (revoked) throw new Error(`this ${kind} is revoked`);
    if (policy.revokedIssue(proven.issuedAt))
      throw new Error('this certificate was issued after a backup that was restored: get another');
    return { ...proven, identity: identity as Extract<Identity, { kind: typeof kind }> };
  };

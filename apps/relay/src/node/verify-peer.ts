import type { PeerIdentity } from '@sluice/identity';
import type { PolicyReplica } from '@sluice/messaging';
import type { Peer } from '@sluice/tunnel';
import type { NodeIdentity } from './node-identity.js';

/** Checks that a certificate is valid, has the expected kind, and that its identity is not revoked. @throws Error whose message says why it is not accepted */
export type VerifyKind = <K extends PeerIdentity['kind']>(der: Buffer, kind: K) => Peer<Extract<PeerIdentity, { kind: K }>>;

/** Checks certificates against this relay's certificate authority and its replica of the policy. */
export const peerVerifier =
  (node: NodeIdentity, policy: PolicyReplica): VerifyKind =>
  (der, kind) => {
    const { identity, ...proven } = node.own.verify(der);
    if (identity.kind !== kind) throw new Error(`a certificate of the kind ${identity.kind}, not ${kind}`);
    const revocation = policy.revocationOf(identity, proven);
    if (revocation !== undefined) throw new Error(revocation);
    return { ...proven, identity: identity as Extract<PeerIdentity, { kind: typeof kind }> };
  };

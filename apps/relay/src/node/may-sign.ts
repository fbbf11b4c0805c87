import type { PolicyReplica } from '@sluice/messaging';

/** A retired authority is accepted for five minutes more, so what a relay knew this long ago, in milliseconds, still holds. */
const KNOWN_FOR_MS = 4 * 60_000;

/**
 * Whether a signature will be accepted: the authority of the certificate is, as far as is known, and that was heard lately. A relay
 * that signed at its start, before it knows, could sign with a certificate whose authority was retired while it was stopped.
 * @param signer fingerprint of the authority
 */
export const maySign = (policy: Pick<PolicyReplica, 'ageMs' | 'accepts'>, signer: string): boolean =>
  policy.ageMs <= KNOWN_FOR_MS && policy.accepts(signer);

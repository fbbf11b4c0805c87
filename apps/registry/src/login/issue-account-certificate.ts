import { type Actor, certify, type OutputOf, ProblemError } from '@sluice/contracts';
import { readPublicKey } from '@sluice/identity';
import { issueCertificate } from '@sluice/identity/authority';
import type { Organization } from '../organization/organization.js';

const LIFETIME_MS = 3600 * 1000;

/** Certifies a key for the account whose token was checked. The certificate names account and login, and is valid for an hour, but not longer than the login. */
export async function issueAccountCertificate(
  organization: Organization,
  actor: Actor,
  publicKeyPem: string,
  loginExpiresAt: Date,
): Promise<OutputOf<typeof certify>> {
  const publicKey = readPublicKey(publicKeyPem);
  if (!publicKey)
    throw new ProblemError(422, 'public_key_invalid', 'the public key must be PEM (SPKI) on the curve P-256', {
      field: 'publicKey',
    });
  const now = new Date();
  const identity = {
    kind: 'account',
    organizationId: organization.id,
    accountId: actor.accountId,
    loginId: actor.loginId,
  } as const;
  const { certificatePem, expiresAt } = await issueCertificate(
    organization.authority,
    identity,
    publicKey,
    now,
    Math.min(LIFETIME_MS, loginExpiresAt.getTime() - now.getTime()),
  );
  return { certificate: certificatePem, ca: organization.authority.certificatePem, expiresAt: expiresAt.toISOString() };
}

import { type Actor, certify, type OutputOf, ProblemError } from '@sluice/contracts';
import { readPublicKey } from '@sluice/identity';
import { issueCertificate } from '@sluice/identity/authority';
import type { Organization } from '../organization/organization.js';

const LIFETIME_MS = 3600 * 1000;

/** Certifies a key for the account whose token was checked, for an hour. The certificate names account and login. */
export async function issueAccountCertificate(
  organization: Organization,
  actor: Actor,
  publicKeyPem: string,
): Promise<OutputOf<typeof certify>> {
  const publicKey = readPublicKey(publicKeyPem);
  if (!publicKey)
    throw new ProblemError(422, 'public_key_invalid', 'the public key must be PEM (SPKI) on the curve P-256', {
      field: 'publicKey',
    });
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
    new Date(),
    LIFETIME_MS,
  );
  return { certificate: certificatePem, ca: organization.authority.certificatePem, expiresAt: expiresAt.toISOString() };
}

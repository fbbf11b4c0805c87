import type { Actor, certify, OutputOf } from '@sluice/contracts';
import type { Organization } from '../organization/organization.js';

const LIFETIME_MS = 3600 * 1000;

/** Certifies a key for the account whose token was checked. The certificate names account and login, and is valid for an hour, but not longer than the login. */
export async function issueAccountCertificate(
  organization: Organization,
  { accountId, loginId }: Actor,
  publicKey: string,
  loginExpiresAt: Date,
): Promise<OutputOf<typeof certify>> {
  const lifetimeMs = Math.min(LIFETIME_MS, loginExpiresAt.getTime() - Date.now());
  const { certificate, ca, expiresAt } = await organization.certify(
    { kind: 'account', accountId, loginId },
    publicKey,
    lifetimeMs,
  );
  return { certificate, ca, expiresAt: expiresAt.toISOString() };
}

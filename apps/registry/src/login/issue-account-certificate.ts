import type { Actor, certify, OutputOf } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import { noteCertified } from '../authority/note-certified.js';
import type { Organization } from '../organization/organization.js';

const LIFETIME_MS = 3600 * 1000;

/** Certifies a key for the account whose token was checked. The certificate names account and login, and is valid for an hour, but not longer than the login. */
export async function issueAccountCertificate(
  tx: EntityManager,
  organization: Organization,
  { accountId, loginId }: Actor,
  publicKey: string,
  loginExpiresAt: Date,
): Promise<OutputOf<typeof certify>> {
  const lifetimeMs = Math.min(LIFETIME_MS, loginExpiresAt.getTime() - Date.now());
  const certified = await organization.certify({ kind: 'account', accountId, loginId }, publicKey, {
    tx,
    lifetimeMs,
    which: 'all',
  });
  await noteCertified(tx, 'login', loginId, certified);
  const { certificate, ca, authorities, expiresAt } = certified;
  return { certificate, ca, authorities, expiresAt: expiresAt.toISOString() };
}

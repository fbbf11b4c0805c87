import { type certifyAudit, type ChainedService, type OutputOf, ProblemError } from '@sluice/contracts';
import { readPublicKey } from '@sluice/identity';
import { issueCertificate } from '@sluice/identity/authority';
import type { Organization } from './organization.js';

const LIFETIME_MS = 24 * 3600 * 1000;

/** Certifies the key with which a service signs its facts. @throws ProblemError 422 for a key that is not on P-256 */
export async function certifyService(
  { id: organizationId, authority }: Pick<Organization, 'id' | 'authority'>,
  service: ChainedService,
  publicKey: string,
): Promise<OutputOf<typeof certifyAudit>> {
  const key = readPublicKey(publicKey);
  if (!key) throw new ProblemError(422, 'public_key_invalid', 'the public key must be PEM (SPKI) on the curve P-256');
  const identity = { kind: 'service', organizationId, service } as const;
  const { certificatePem } = await issueCertificate(authority, identity, key, new Date(), LIFETIME_MS);
  return { certificate: certificatePem, ca: authority.certificatePem };
}

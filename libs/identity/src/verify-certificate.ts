import { X509Certificate } from 'node:crypto';
import { type Identity, parseIdentity } from './identity-name.js';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** A certificate whose chain, time, usage and name have been checked. */
export interface VerifiedCertificate {
  readonly identity: Identity;
  readonly certificate: X509Certificate;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Why a certificate was not accepted. `code` is stable. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  constructor(
    readonly code: 'not-a-certificate' | 'foreign' | 'expired' | 'not-yet-valid' | 'name' | 'usage',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Checks a certificate against our authority: issued and signed by it, in its time, exactly one name of ours, and the
 * extended key usage that belongs to that kind of name (accounts clientAuth, nodes serverAuth). The subject is never looked at.
 * @throws CertificateError
 */
export function verifyCertificate(der: Buffer | X509Certificate, authority: X509Certificate, now: number): VerifiedCertificate {
  const certificate = der instanceof X509Certificate ? der : parse(der);
  if (certificate.ca || !certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
    throw new CertificateError('foreign', 'the certificate was not issued by this installation');
  }
  const expiresAt = Date.parse(certificate.validTo);
  if (now >= expiresAt) throw new CertificateError('expired', `the certificate expired at ${new Date(expiresAt).toISOString()}`);
  if (now < Date.parse(certificate.validFrom)) throw new CertificateError('not-yet-valid', 'the certificate is not valid yet');
  const identity = onlyName(certificate.subjectAltName);
  const usage = certificate.keyUsage as string[] | undefined; // Node's name for the *extended* key usage
  const wanted = identity.kind === 'account' ? CLIENT_AUTH : SERVER_AUTH;
  if (usage?.length !== 1 || usage[0] !== wanted)
    throw new CertificateError('usage', `the certificate may not be used as ${identity.kind}`);
  return { identity, certificate, expiresAt };
}

function parse(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new CertificateError('not-a-certificate', `this is not a certificate: ${(cause as Error).message}`);
  }
}

function onlyName(subjectAltName: string | undefined): Identity {
  const identity = subjectAltName?.startsWith('URI:') ? parseIdentity(subjectAltName.slice(4)) : undefined;
  if (!identity) throw new CertificateError('name', 'the certificate does not carry exactly one name of ours');
  return identity;
}

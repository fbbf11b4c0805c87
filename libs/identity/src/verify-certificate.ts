import { X509Certificate } from 'node:crypto';
import { type Identity, parseIdentity } from './identity-name.js';
import { signedBy } from './proof.js';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
/** Certificates are valid from shortly before they are issued, so that a peer whose clock is a minute behind accepts them. */
export const BACKDATE_MS = 60_000;

/** A certificate whose chain, time, usage and name have been checked. */
export interface VerifiedCertificate<I extends Identity = Identity> {
  readonly identity: I;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** When it was issued, milliseconds since 1970. */
  readonly issuedAt: number;
  /** Whether the holder of its key signed these bytes. */
  signed(bytes: Buffer, signature: Buffer): boolean;
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

/** The properties of a certificate that do not depend on the time. */
type Examined = VerifiedCertificate & { readonly validFrom: number };

/** How many certificates are remembered: enough for every agent and node that reconnects within minutes. */
const REMEMBERED = 4096;

/**
 * Checks certificates against an authority: each must be issued and signed by it, be within its validity period, and contain
 * exactly one name of Sluice and the extended key usage for that kind of name (accounts clientAuth, nodes serverAuth). The subject
 * is ignored. Because the same peers connect repeatedly, only the validity period is checked every time; the rest is checked once.
 */
export class CertificateVerifier {
  private readonly authority: X509Certificate;
  private readonly examined = new Map<string, Examined>();

  /** @param ca the authority, PEM */
  constructor(ca: string) {
    this.authority = new X509Certificate(ca);
  }

  /** @throws CertificateError */
  verify(certificate: Buffer | X509Certificate, now: number = Date.now()): VerifiedCertificate {
    const known = this.examine(certificate);
    if (now >= known.expiresAt)
      throw new CertificateError('expired', `the certificate expired at ${new Date(known.expiresAt).toISOString()}`);
    if (now < known.validFrom) throw new CertificateError('not-yet-valid', 'the certificate is not valid yet');
    return known;
  }

  private examine(of: Buffer | X509Certificate): Examined {
    const key = (of instanceof X509Certificate ? of.raw : of).toString('latin1');
    let known = this.examined.get(key);
    if (known) return known;
    known = examine(of instanceof X509Certificate ? of : parse(of), this.authority);
    const [oldest] = this.examined.size < REMEMBERED ? [] : this.examined.keys();
    if (oldest !== undefined) this.examined.delete(oldest);
    this.examined.set(key, known);
    return known;
  }
}

function examine(certificate: X509Certificate, authority: X509Certificate): Examined {
  if (certificate.ca || !certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
    throw new CertificateError('foreign', 'the certificate was not issued by this installation');
  }
  const identity = onlyName(certificate.subjectAltName);
  const usage = certificate.keyUsage as string[] | undefined; // Node's name for the *extended* key usage
  const wanted = identity.kind === 'account' ? CLIENT_AUTH : SERVER_AUTH;
  if (usage?.length !== 1 || usage[0] !== wanted)
    throw new CertificateError('usage', `the certificate may not be used as ${identity.kind}`);
  return {
    identity,
    validFrom: Date.parse(certificate.validFrom),
    issuedAt: Date.parse(certificate.validFrom) + BACKDATE_MS,
    expiresAt: Date.parse(certificate.validTo),
    signed: (bytes, signature) => signedBy(certificate, bytes, signature),
  };
}

function parse(der: Buffer): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch (cause) {
    throw new CertificateError('not-a-certificate', `this is not a certificate: ${(cause as Error).message}`);
  }
  if (certificate.raw.equals(der)) return certificate;
  throw new CertificateError('not-a-certificate', 'this is not a certificate in DER alone'); // Node reads PEM, and ignores what follows
}

function onlyName(subjectAltName: string | undefined): Identity {
  const identity = subjectAltName?.startsWith('URI:') ? parseIdentity(subjectAltName.slice(4)) : undefined;
  if (!identity) throw new CertificateError('name', 'the certificate does not contain exactly one name of Sluice');
  return identity;
}

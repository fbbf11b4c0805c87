import { X509Certificate } from 'node:crypto';
import { fingerprintOfCertificate, splitPem, type TrustedAuthority } from './authority-records.js';
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
  /** Fingerprint of the authority that issued it. */
  readonly authority: string;
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
type Examined = VerifiedCertificate & { readonly validFrom: number; readonly acceptedUntil: number };

/** An authority with its certificate read. */
interface Issuer {
  readonly certificate: X509Certificate;
  readonly fingerprint: string;
  readonly acceptedUntil: number;
}

/** How many certificates are remembered: enough for every agent and node that reconnects within minutes. */
const REMEMBERED = 4096;

/**
 * Checks certificates against the authorities: each must be issued and signed by one of them, be within its validity period, and contain
 * exactly one name of Sluice and the extended key usage for that kind of name (accounts clientAuth, nodes serverAuth). The subject
 * is ignored. Because the same peers connect repeatedly, only the validity period is checked every time; the rest is checked once.
 */
export class CertificateVerifier {
  private readonly authorities: readonly Issuer[];
  private readonly examined = new Map<string, Examined>();

  /** @param authorities those whose certificates are accepted; a text is PEM and may contain several */
  constructor(authorities: string | readonly Pick<TrustedAuthority, 'certificate' | 'acceptedUntil'>[]) {
    const always = { acceptedUntil: Number.POSITIVE_INFINITY };
    const trusted =
      typeof authorities === 'string' ? splitPem(authorities).map((pem) => ({ certificate: pem, ...always })) : authorities;
    this.authorities = trusted.map(({ certificate: pem, acceptedUntil }) => {
      const certificate = new X509Certificate(pem);
      return { certificate, fingerprint: fingerprintOfCertificate(certificate), acceptedUntil };
    });
  }

  /** Fingerprints of the authorities. */
  get fingerprints(): string[] {
    return this.authorities.map(({ fingerprint }) => fingerprint);
  }

  /** @throws CertificateError */
  verify(certificate: Buffer | X509Certificate, now: number = Date.now()): VerifiedCertificate {
    const known = this.examine(certificate);
    if (now >= known.expiresAt)
      throw new CertificateError('expired', `the certificate expired at ${new Date(known.expiresAt).toISOString()}`);
    if (now < known.validFrom) throw new CertificateError('not-yet-valid', 'the certificate is not valid yet');
    if (now > known.acceptedUntil)
      throw new CertificateError('foreign', `its authority is not accepted after ${new Date(known.acceptedUntil).toISOString()}`);
    return known;
  }

  private examine(of: Buffer | X509Certificate): Examined {
    const key = (of instanceof X509Certificate ? of.raw : of).toString('latin1');
    let known = this.examined.get(key);
    if (known) return known;
    known = examine(of instanceof X509Certificate ? of : parse(of), this.authorities);
    const [oldest] = this.examined.size < REMEMBERED ? [] : this.examined.keys();
    if (oldest !== undefined) this.examined.delete(oldest);
    this.examined.set(key, known);
    return known;
  }
}

function examine(certificate: X509Certificate, authorities: readonly Issuer[]): Examined {
  const issuer = authorities.find(
    ({ certificate: by }) => by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey),
  );
  if (certificate.ca || !issuer) throw new CertificateError('foreign', 'the certificate was not issued by this installation');
  const identity = onlyName(certificate.subjectAltName);
  const usage = certificate.keyUsage as string[] | undefined; // Node's name for the *extended* key usage
  const wanted = identity.kind === 'account' ? CLIENT_AUTH : SERVER_AUTH;
  if (usage?.length !== 1 || usage[0] !== wanted)
    throw new CertificateError('usage', `the certificate may not be used as ${identity.kind}`);
  return {
    identity,
    authority: issuer.fingerprint,
    acceptedUntil: issuer.acceptedUntil,
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

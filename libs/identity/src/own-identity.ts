import { type KeyObject, X509Certificate } from 'node:crypto';
import { readPrivateKey } from './key-pair.js';
import { signBytes } from './proof.js';
import { BACKDATE_MS, CertificateVerifier, type VerifiedCertificate } from './verify-certificate.js';

/** A certificate, its key and the authority it is of: PEM texts. The key is secret. */
export interface IdentityTexts {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca: string;
}

/** Who we are towards others of the installation, read once: our proof, and the check of theirs. */
export class OwnIdentity {
  /** DER. */
  readonly certificate: Buffer;
  /** Milliseconds since 1970, of our own certificate, whether or not it is in its time. */
  readonly issuedAt: number;
  /** The same. */
  readonly expiresAt: number;
  private readonly key: KeyObject;
  private readonly verifier: CertificateVerifier;

  constructor(readonly texts: IdentityTexts) {
    const { raw, validFrom, validTo } = new X509Certificate(texts.certificate);
    this.certificate = raw;
    this.issuedAt = Date.parse(validFrom) + BACKDATE_MS;
    this.expiresAt = Date.parse(validTo);
    this.key = readPrivateKey(texts.privateKey);
    this.verifier = new CertificateVerifier(texts.ca);
  }

  /** Signs with the certificate's key: 64 bytes. */
  sign(bytes: Buffer): Buffer {
    return signBytes(this.key, bytes);
  }

  /** Checks the certificate of another. @throws CertificateError */
  verify(certificate: Buffer | X509Certificate): VerifiedCertificate {
    return this.verifier.verify(certificate);
  }
}

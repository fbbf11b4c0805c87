import { type KeyObject, X509Certificate } from 'node:crypto';
import { readPrivateKey } from './key-pair.js';
import { signBytes } from './proof.js';
import { CertificateVerifier, type VerifiedCertificate } from './verify-certificate.js';

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
  private readonly key: KeyObject;
  private readonly verifier: CertificateVerifier;

  constructor(readonly texts: IdentityTexts) {
    this.certificate = new X509Certificate(texts.certificate).raw;
    this.key = readPrivateKey(texts.privateKey);
    this.verifier = new CertificateVerifier(texts.ca);
  }

  /** When the certificate was issued, milliseconds since 1970. */
  get issuedAt(): number {
    return this.verify(this.certificate).issuedAt;
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

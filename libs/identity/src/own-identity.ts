import { type KeyObject, X509Certificate } from 'node:crypto';
import type { PeerIdentity } from './identity-name.js';
import { readPrivateKey } from './key-pair.js';
import { signBytes } from './proof.js';
import { BACKDATE_MS, CertificateError, CertificateVerifier, type VerifiedCertificate } from './verify-certificate.js';

/** A certificate, its key and the authorities whose certificates are accepted, as PEM. The key is secret. */
export interface IdentityTexts {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca: string;
}

/** The identity of this process: it proves it to others of the installation, and checks theirs. */
export class OwnIdentity {
  /** DER. */
  readonly certificate: Buffer;
  /** When our own certificate was issued, in milliseconds since 1970. */
  readonly issuedAt: number;
  /** When our own certificate expires, in milliseconds since 1970; it may have expired already. */
  readonly expiresAt: number;
  private readonly key: KeyObject;
  /** Checks any certificate of the installation. */
  readonly authority: CertificateVerifier;

  constructor(readonly texts: IdentityTexts) {
    const { raw, validFrom, validTo } = new X509Certificate(texts.certificate);
    this.certificate = raw;
    this.issuedAt = Date.parse(validFrom) + BACKDATE_MS;
    this.expiresAt = Date.parse(validTo);
    this.key = readPrivateKey(texts.privateKey);
    this.authority = new CertificateVerifier(texts.ca);
  }

  /** Signs with the certificate's key: 64 bytes. */
  sign(bytes: Buffer): Buffer {
    return signBytes(this.key, bytes);
  }

  /** Checks the certificate of a peer. That of a service signs facts and opens no connection. @throws CertificateError */
  verify(certificate: Buffer | X509Certificate): VerifiedCertificate<PeerIdentity> {
    const { identity, ...verified } = this.authority.verify(certificate);
    if (identity.kind === 'service') throw new CertificateError('usage', 'the certificate of a service opens no connection');
    return { ...verified, identity };
  }
}

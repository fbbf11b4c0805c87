/** What proves our identity: our certificate, and signatures by its key. */
export interface Credentials {
  /** DER. */
  readonly certificate: Buffer;
  /** Signs with the certificate's key: 64 bytes. */
  sign(bytes: Buffer): Buffer;
}

/** A peer whose certificate is valid. Whether it holds the key is checked with `signed`. */
export interface Peer<I> {
  readonly identity: I;
  /** When the certificate expires, milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the certificate was issued, milliseconds since 1970. */
  readonly issuedAt: number;
  /** Fingerprint of the authority that issued the certificate. */
  readonly authority: string;
  signed(bytes: Buffer, signature: Buffer): boolean;
}

/** Checks a certificate: chain, validity period, usage, name, and that the identity is not revoked. @throws Error whose message says why it is not accepted */
export type VerifyPeer<I> = (certificate: Buffer) => Peer<I>;

/** What proves who we are: our certificate, and a signature by its key. */
export interface Credentials {
  /** DER. */
  readonly certificate: Buffer;
  /** Signs with the certificate's key: 64 bytes. */
  sign(bytes: Buffer): Buffer;
}

/** Somebody whose certificate is good; the proof of the key is still to come. */
export interface Peer<I> {
  readonly identity: I;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the certificate was issued, milliseconds since 1970. */
  readonly issuedAt: number;
  signed(bytes: Buffer, signature: Buffer): boolean;
}

/** Checks a certificate: chain, time, usage, name, and that the identity is not revoked. @throws Error whose message says why not. */
export type VerifyPeer<I> = (certificate: Buffer) => Peer<I>;

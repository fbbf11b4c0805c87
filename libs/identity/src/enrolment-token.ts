/** What a relay needs to enrol: the address, the fingerprint of the authority to trust, and the one-time secret. */
export interface EnrolmentToken {
  /** URL of a gateway's API. */
  readonly gateway: string;
  /** SHA-256 of the authority's certificate (DER), hex. */
  readonly caFingerprint: string;
  readonly secret: string;
}

const PREFIX = 'sluice-node-';

/** Encodes a token as one word. */
export const formatEnrolmentToken = (token: EnrolmentToken): string =>
  PREFIX + Buffer.from(JSON.stringify(token)).toString('base64url');

/** Parses a token. @throws Error for a malformed token; the message says what to do */
export function parseEnrolmentToken(text: string): EnrolmentToken {
  try {
    if (!text.startsWith(PREFIX)) throw new Error('prefix');
    const token = JSON.parse(Buffer.from(text.slice(PREFIX.length), 'base64url').toString()) as Partial<EnrolmentToken>;
    if (!token.gateway || !token.caFingerprint || !token.secret) throw new Error('fields');
    return { gateway: token.gateway, caFingerprint: token.caFingerprint, secret: token.secret };
  } catch (cause) {
    throw new Error('this is not an enrolment token; make one with `sluice admin nodes create-token`', { cause });
  }
}

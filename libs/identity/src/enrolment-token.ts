import { parseJson } from '@sluice/domain';

/** What a relay needs to enrol: the address, the fingerprint of the authority to trust, and the one-time secret. */
export interface EnrolmentToken {
  /** URL of a gateway's API. */
  readonly gateway: string;
  /** SHA-256 of the authority's certificate (DER), hex. */
  readonly caFingerprint: string;
  readonly secret: string;
  /** Whether the credentials that it is exchanged for are signed. False of tokens of older releases. */
  readonly signed: boolean;
}

const PREFIX = 'sluice-node-';

/** Encodes a token as one word. */
export const formatEnrolmentToken = (token: Omit<EnrolmentToken, 'signed'>): string =>
  PREFIX + Buffer.from(JSON.stringify({ ...token, signed: true })).toString('base64url');

/** Parses a token. @throws Error for a malformed token; the message says what to do */
export function parseEnrolmentToken(text: string): EnrolmentToken {
  const content = text.startsWith(PREFIX) ? Buffer.from(text.slice(PREFIX.length), 'base64url').toString() : '';
  const { gateway, caFingerprint, secret, signed } = (parseJson(content) ?? {}) as Partial<EnrolmentToken>;
  if (!gateway || !caFingerprint || !secret)
    throw new Error('this is not an enrolment token; create one with `sluice admin nodes create-token`');
  return { gateway, caFingerprint, secret, signed: signed === true };
}

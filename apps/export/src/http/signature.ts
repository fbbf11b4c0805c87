import { createHmac } from 'node:crypto';

/** The header of a webhook's request that proves who sent it and when. */
export const SIGNATURE_HEADER = 'sluice-signature';

/**
 * The value of the header: `t=1764234000,v1=<hex>`, with the time in seconds and the HMAC-SHA-256 of that time, a full stop and
 * the body. The receiver computes the same, compares in constant time, and refuses a time that is more than five minutes from its
 * own, so that a request that somebody recorded is of no use later.
 */
export function signatureOf(key: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}

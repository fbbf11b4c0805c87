/** A `Date` header names a whole second, and the time at the server is anywhere within it. */
const HEADER_MS = 1000;

/**
 * How far this machine's clock is off a server's for certain, in milliseconds; ahead is positive, and 0 means that no
 * difference can be proven.
 * @param date the `Date` header of the server
 * @param sentAt this machine's time when the request left
 * @param receivedAt its time when the response arrived
 */
export function clockOffset(date: number, sentAt: number, receivedAt: number): number {
  const offset = (sentAt + receivedAt) / 2 - (date + HEADER_MS / 2);
  const uncertain = (receivedAt - sentAt + HEADER_MS) / 2;
  return Math.abs(offset) <= uncertain ? 0 : offset;
}

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Whether a time, in milliseconds since 1970, is of a year from 1 to 9999 in UTC: PostgreSQL has no year 0, and a later year is written
 * with a sign.
 */
export const isMoment = (ms: number): boolean => ms >= FIRST && ms <= LAST;

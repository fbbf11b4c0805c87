import { isMoment } from '@sluice/domain';
import { UsageError } from '../terminal/failure.js';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How a time begins: with a year, a month and a day. `Date` takes "0" and "1.5" for years and months too. */
const DATE = /^\d{4}-\d{2}-\d{2}/;

/** Whether a month has this day: `Date` moves 30 February to March. */
const isDate = (text: string): boolean => new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.slice(0, 10) === text.slice(0, 10);

/** Parses a time of the years 1 to 9999, or an age such as `24h`. @returns the time in ISO 8601 @throws UsageError */
export function readMoment(text: string, flag: string): string {
  const age = /^(\d+)([smhd])$/.exec(text);
  const unit = UNITS[age?.[2] ?? ''];
  const at =
    age && unit !== undefined
      ? Date.now() - Number(age[1]) * unit
      : DATE.test(text) && isDate(text)
        ? Date.parse(text)
        : Number.NaN;
  if (!isMoment(at))
    throw new UsageError(`${flag} is a time such as 2026-01-31T12:00:00Z or an age such as 24h (it is "${text}")`);
  return new Date(at).toISOString();
}

/** Parses a count or a number such as that of a page, from 1 to 999999. @throws UsageError */
export function readCount(text: string, flag: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`${flag} is a whole number from 1 to 999999 (it is "${text}")`);
  return Number(text);
}

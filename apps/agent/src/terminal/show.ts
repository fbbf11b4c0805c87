import { bytesText, type Exactness, EXACTNESS_SIGNS } from '@sluice/domain';

/** Bytes for a person, with a sign if they are not exact. */
export const showCounted = (bytes: number | null, exactness: Exactness): string =>
  bytes === null ? '-' : `${EXACTNESS_SIGNS[exactness]}${bytesText(bytes)}`;

/** What the signs of `showCounted` mean. */
export const EXACTNESS_EXPLAINED = `Bytes without a sign are exact.
  ≤  at most: the session was cut, and the server may not have read the last of what was sent to it
  ≥  at least: the session is running, or its relay was lost; this is the figure of its last checkpoint`;

/** A time for a person, in UTC to the second. */
export const showTime = (iso: string | null | undefined): string =>
  iso === null || iso === undefined || iso === '' ? '-' : `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;

/** A moment for a person, and how far it is from now: `2026-11-22 20:23:55Z (in 11 h 59 min)`. */
export function showMoment(iso: string, now = Date.now()): string {
  const ms = Date.parse(iso) - now;
  return `${showTime(iso)} (${ms < 0 ? `${showDuration(-ms)} ago` : `in ${showDuration(ms)}`})`;
}

/** A duration of milliseconds for a person. */
export function showDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** Tags as `k=v,k=v`. */
export const showTags = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** A list of names, of which the API may return only the first ones. */
export const showNames = (names: readonly string[], all: number = names.length): string =>
  `${names.join(', ')}${all > names.length ? ` and ${all - names.length} more` : ''}`;

/** How many of something there are: `1 session`, `3 sessions`. */
export const showCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

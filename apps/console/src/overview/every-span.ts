import type { Span } from './overview.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** All minutes of an hour, or hours of a day, until a moment: those without sessions too, which the API leaves out. */
export function everySpan(spans: readonly Span[], until: string, unit: 'minute' | 'hour'): Span[] {
  const length = unit === 'minute' ? MINUTE : HOUR;
  const count = unit === 'minute' ? 60 : 24;
  const last = Math.floor(Date.parse(until) / length) * length;
  const known = new Map(spans.map((span) => [Date.parse(span.at), span]));
  return Array.from({ length: count }, (_, index) => {
    const at = last - (count - 1 - index) * length;
    return known.get(at) ?? { at: new Date(at).toISOString(), live: 0, completed: 0, refused: 0, failed: 0, bytes: 0 };
  });
}

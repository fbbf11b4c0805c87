const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `2026-11-26 11:28:05Z`, as the command line writes it. */
export function exactTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime())
    ? iso
    : at
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
}

/** `5 minutes ago`, `in 3 hours`, `just now`; the date where it is more than a month away. */
export function relativeTime(iso: string, nowMs: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const difference = at - nowMs;
  const size = Math.abs(difference);
  if (size < 10 * SECOND) return 'just now';
  if (size > 30 * DAY) return new Date(at).toISOString().slice(0, 10);
  const [unit, length] =
    size < MINUTE ? ['second', SECOND] : size < HOUR ? ['minute', MINUTE] : size < DAY ? ['hour', HOUR] : ['day', DAY];
  const count = Math.round(size / (length as number));
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return difference < 0 ? `${words} ago` : `in ${words}`;
}

/** `1.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  const parts =
    ms < HOUR
      ? [`${Math.floor(ms / MINUTE)} min`, `${Math.floor((ms % MINUTE) / SECOND)} s`]
      : ms < DAY
        ? [`${Math.floor(ms / HOUR)} h`, `${Math.floor((ms % HOUR) / MINUTE)} min`]
        : [`${Math.floor(ms / DAY)} d`, `${Math.floor((ms % DAY) / HOUR)} h`];
  return parts.filter((part) => !part.startsWith('0 ')).join(' ');
}

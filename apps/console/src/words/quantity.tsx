import { Tooltip } from '@mantine/core';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `0 B`, `1.5 KiB`, `12 MiB`: three digits at most, in binary units. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${UNITS[unit]}`;
}

/** `1,234,567`, the same in every browser. */
export const countText = (count: number): string => count.toLocaleString('en-US');

/** `1 session`, `1,200 sessions`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${countText(count)} ${count === 1 ? noun : plural}`;

/** Bytes in binary units; the exact number on hover. `sign` stands before what is not exact (`≥`, `~`). */
export function Bytes({ count, sign = '' }: { readonly count: number | null | undefined; readonly sign?: string }) {
  if (count === null || count === undefined) return <span>—</span>;
  return (
    <Tooltip label={`${sign}${countText(count)} bytes`} openDelay={300}>
      <span className="nowrap">
        {sign}
        {bytesText(count)}
      </span>
    </Tooltip>
  );
}

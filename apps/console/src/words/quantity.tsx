import { bytesText } from '@sluice/domain';

/** `1,234,567`, the same in every browser. */
export const countText = (count: number): string => count.toLocaleString('en-US');

/** `1 session`, `1,200 sessions`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${countText(count)} ${count === 1 ? noun : plural}`;

/** Bytes in binary units; the exact number on hover. `sign` stands before what is not exact (`≥`, `~`). */
export function Bytes({ count, sign = '' }: { readonly count: number | null | undefined; readonly sign?: string }) {
  if (count === null || count === undefined) return <span>—</span>;
  return (
    <span className="nowrap" data-tip={`${sign}${countText(count)} bytes`}>
      {sign}
      {bytesText(count)}
    </span>
  );
}

/**
 * A column of a table, by its name. A `whole` one is never wrapped, because people copy from it: ids, addresses. A `minor` one is
 * left out where there is no room, those with the highest number first.
 */
export type Column = string | { readonly name: string; readonly whole?: true; readonly minor?: number };

/** A column that people copy from. */
export const whole = (name: string): Column => ({ name, whole: true });

/** A column that is left out where there is no room; of several the one with the highest `order` goes first. */
export const minor = (name: string, order: number): Column => ({ name, minor: order });

/** The name of a column. */
export const nameOf = (column: Column): string => (typeof column === 'string' ? column : column.name);

/** Minor columns are left out before others are made narrower than this. */
const READABLE = 16;
/** A column is not made narrower than this. */
const NARROWEST = 8;

/**
 * Widths that fit. The widest column gives way first, so that short ones stay whole.
 * @param natural the width that each column would need
 * @returns a width for each column, undefined where it is left out; and the names of those
 */
export function fitColumns(
  columns: readonly Column[],
  natural: readonly number[],
  room: number,
  gap: number,
): { widths: readonly (number | undefined)[]; omitted: readonly string[] } {
  const least = (floor: number) =>
    columns.map((column, at) => {
      const width = natural[at] ?? 0;
      return isWhole(column) ? width : Math.min(width, Math.max(floor, nameOf(column).length));
    });
  const kept = new Set(columns.keys());
  const sum = (widths: readonly number[]) => [...kept].reduce((all, at) => all + (widths[at] ?? 0), gap * (kept.size - 1));
  const going = [...columns.keys()].filter((at) => orderOf(columns[at]) > 0);
  going.sort((a, b) => orderOf(columns[b]) - orderOf(columns[a]));
  const omitted: number[] = [];
  for (const at of going) {
    if (sum(least(READABLE)) <= room) break;
    kept.delete(at);
    omitted.push(at);
  }
  const widths = [...natural];
  const floor = least(NARROWEST);
  const canGive = (at: number) => kept.has(at) && (widths[at] ?? 0) > (floor[at] ?? 0);
  while (sum(widths) > room) {
    const widest = [...columns.keys()].filter(canGive).sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) break; // it cannot fit
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return {
    widths: widths.map((width, at) => (kept.has(at) ? width : undefined)),
    omitted: omitted.sort((a, b) => a - b).map((at) => nameOf(columns[at] ?? '')),
  };
}

const isWhole = (column: Column): boolean => typeof column !== 'string' && column.whole === true;
const orderOf = (column: Column | undefined): number => (typeof column === 'object' ? (column.minor ?? 0) : 0);

import { plainText } from '@sluice/domain';
import Table from 'cli-table3';
import widthOf from 'string-width';
import { colorsOf } from './colors.js';

/** The content of a table cell; an empty one is shown as `-`. */
export type Cell = string | number | null | undefined;

/** Where a table is printed; a terminal has `columns`. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Characters between two columns. */
const GAP = 2;
/** A column is not made narrower than this. */
const NARROWEST = 8;

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: ' '.repeat(GAP),
};

/** A table without lines: on a terminal no wider than that, with long cells wrapped; elsewhere as wide as it needs. */
export function formatTable(head: readonly string[], rows: readonly (readonly Cell[])[], screen: Screen): string {
  const { bold } = colorsOf(screen);
  const texts = rows.map((row) => row.map(textOf));
  const natural = head.map((name, at) => Math.max(widthOf(name), ...texts.map((row) => widthOf(row[at] ?? ''))));
  const table = new Table({
    head: [...head],
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: screen.isTTY === true && screen.columns !== undefined ? fit(natural, screen.columns) : natural,
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  table.push(...texts);
  const text = table.toString().replace(/[ \t]+$/gm, '');
  return text.replace(/^.*/, (first) => bold(first)); // only now: codes of a terminal would count as width where cells are cut
}

const textOf = (value: Cell): string => (value === null || value === undefined || value === '' ? '-' : plainText(String(value)));

/** Widths that fit: the widest column gives way first, so that short ones stay whole. */
function fit(natural: readonly number[], columns: number): number[] {
  const widths = [...natural];
  const room = columns - GAP * (widths.length - 1);
  const sum = () => widths.reduce((a, b) => a + b, 0);
  while (sum() > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= NARROWEST) break; // it cannot fit
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

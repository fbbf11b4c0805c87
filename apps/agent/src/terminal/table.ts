import { plainText } from '@sluice/domain';
import Table from 'cli-table3';
import widthOf from 'string-width';
import { colorsOf } from './colors.js';
import { type Column, fitColumns, nameOf } from './fit-columns.js';

/** The content of a table cell; an empty one is shown as `-`. */
export type Cell = string | number | null | undefined;

/** Where a table is printed; a terminal has `columns`. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Characters between two columns. */
const GAP = 2;

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: ' '.repeat(GAP),
};

/**
 * A table without lines: elsewhere than on a terminal as wide as it needs. On a terminal that is too narrow, minor columns are
 * left out, and named below it; long cells are wrapped, but for those of whole columns.
 */
export function formatTable(head: readonly Column[], rows: readonly (readonly Cell[])[], screen: Screen): string {
  const { bold } = colorsOf(screen);
  const texts = rows.map((row) => row.map(textOf));
  const natural = head.map((column, at) => Math.max(widthOf(nameOf(column)), ...texts.map((row) => widthOf(row[at] ?? ''))));
  const room = screen.isTTY === true && screen.columns !== undefined ? screen.columns : Infinity;
  const { widths, omitted } = fitColumns(head, natural, room, GAP);
  const shown = [...head.keys()].filter((at) => widths[at] !== undefined);
  const table = new Table({
    head: shown.map((at) => nameOf(head[at] ?? '')),
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: shown.map((at) => widths[at] ?? 0),
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  table.push(...texts.map((row) => shown.map((at) => row[at] ?? '')));
  const text = table.toString().replace(/[ \t]+$/gm, '');
  const lines = text.replace(/^.*/, (first) => bold(first)); // only now: codes of a terminal would count as width where cells are cut
  return omitted.length === 0 ? lines : `${lines}\n(no room for ${omitted.join(', ')}; a wider terminal or -o yaml has them)`;
}

const textOf = (value: Cell): string => (value === null || value === undefined || value === '' ? '-' : plainText(String(value)));

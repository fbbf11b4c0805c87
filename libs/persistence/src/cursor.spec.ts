import { PAGE_BYTES } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { decodeCursor, pageOf } from './cursor.js';

/** Reads rows with ids 1, 2, 3 ... of a given size page by page to the end. */
function read(rows: readonly { id: string; text: string }[], limit: number): string[][] {
  const pages: string[][] = [];
  for (let from = 0; ;) {
    const page = pageOf(
      rows.slice(from, from + limit + 1),
      limit,
      (row) => [row.text.slice(0, 1), row.id],
      (row) => row,
    );
    pages.push(page.items.map(({ id }) => id));
    if (page.nextCursor === undefined) return pages;
    from = Number(decodeCursor(page.nextCursor)[1]);
  }
}

const rows = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => ({ id: String(index + 1), text: 'x'.repeat(bytes) }));

it('ends a page by count, or by bytes when its items are large, and continues after its last item', () => {
  expect(read(rows(5, 10), 2)).toEqual([['1', '2'], ['3', '4'], ['5']]);
  expect(read(rows(5, PAGE_BYTES / 3), 500)).toEqual([['1', '2'], ['3', '4'], ['5']]);
  expect(read(rows(3, PAGE_BYTES * 2), 500)).toEqual([['1'], ['2'], ['3']]); // a page is never empty, because the list would not continue
  expect(read([], 2)).toEqual([[]]);
});

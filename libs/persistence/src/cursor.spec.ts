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

const cursorOf = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');
const ID = '193b7bed-9992-464a-ba7a-689cb92fb9f0';

it.each([
  '2026-02-28 23:59:59.123456+00',
  '2028-02-29 00:00:00+05:30',
  '1850-01-01 00:00:00-00:19:32',
  '280000-02-29 12:00:00+00', // later than Date can express
])('continues a list by time after %s', (time) => {
  expect(decodeCursor(cursorOf(time, ID), { key: 'time', id: 'uuid' })).toEqual([time, ID]);
});

it.each([
  ['yesterday', ID],
  ['2026-02-29 00:00:00+00', ID],
  ['2100-02-29 00:00:00+00', ID],
  ['2026-13-01 00:00:00+00', ID],
  ['2026-00-01 00:00:00+00', ID],
  ['0000-01-01 00:00:00+00', ID],
  ['300000-01-01 00:00:00+00', ID],
  ['2026-01-01 24:00:01+00', ID],
  ['2026-01-01 00:00:00+99', ID],
  ['2026-01-01 00:00:00+00', 'x'],
  ['2026-01-01 00:00:00+00', `${ID}0`],
  ['2026-01-01 00:00:00+00', 7],
  ['2026-01-01 00:00:00+00'],
])('rejects a cursor of %s and %s for a list by time', (...parts) => {
  const read = () => decodeCursor(cursorOf(...parts), { key: 'time', id: 'uuid' });
  expect(read).toThrow(expect.objectContaining({ problem: expect.objectContaining({ status: 400, code: 'cursor_invalid' }) }));
});

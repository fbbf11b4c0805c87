import { PAGE_BYTES, ProblemError } from '@sluice/contracts';
import { isUuid, parseJson } from '@sluice/domain';

/** Encodes where the next page of a list begins: the sort key and id of the last item, as one opaque string. */
export const encodeCursor = (sortKey: string, id: string): string =>
  Buffer.from(JSON.stringify([sortKey, id])).toString('base64url');

/** What the columns of a list compare with its cursor. Text needs no check: PostgreSQL compares any text. */
interface CursorTypes {
  readonly key?: 'time';
  readonly id?: 'uuid';
}

/** Decodes a cursor. @throws ProblemError 400 for a malformed cursor, or one whose parts PostgreSQL cannot compare with the columns */
export function decodeCursor(cursor: string, { key, id }: CursorTypes = {}): [sortKey: string, id: string] {
  const parts = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (
    Array.isArray(parts) &&
    parts.length === 2 &&
    parts.every((part) => typeof part === 'string' && !part.includes('\0')) &&
    (id === 'uuid' ? isUuid : isId)(parts[1] as string) &&
    (key !== 'time' || isTime(parts[0] as string))
  )
    return parts as [string, string];
  throw malformed();
}

/** Reads a cursor of a list whose ids are numbers. @throws ProblemError 400 for a malformed cursor */
export function decodeNumberCursor(cursor: string): number {
  const number = Number(decodeCursor(cursor)[1]);
  if (!Number.isSafeInteger(number) || number < 0) throw malformed();
  return number;
}

const isId = (text: string): boolean => /^[\w-]{1,64}$/.test(text);
/** A time as PostgreSQL writes it as text, in any time zone. */
const TIME = /^(\d{4,6})-(\d\d)-(\d\d) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?[+-](?:0\d|1[0-5])(?::[0-5]\d){0,2}$/;

/** Whether PostgreSQL reads a text as a time. `Date` is not asked: it takes 30 February, and not the years after 275760 that old records may have. */
function isTime(text: string): boolean {
  const [, year, month, day] = (TIME.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate(); // the calendar repeats after 400 years
  return year >= 1 && year < MOST_YEARS && month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}

/** Times of PostgreSQL end in this year. */
const MOST_YEARS = 294_276;

const malformed = (): ProblemError =>
  new ProblemError(400, 'cursor_invalid', 'this is not a cursor: use nextCursor of the previous page, unchanged', {
    field: 'cursor',
  });

/** Makes a page of a result that was queried with one row more than the limit. If its items are large, the page ends sooner. */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => [sortKey: string, id: string],
  show: (row: R) => T,
) {
  const items: T[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, limit)) {
    const item = show(row);
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (bytes > PAGE_BYTES && items.length > 0) break;
    items.push(item);
  }
  const last = rows[items.length - 1];
  return { items, ...(rows.length > items.length && last !== undefined ? { nextCursor: encodeCursor(...keyOf(last)) } : {}) };
}

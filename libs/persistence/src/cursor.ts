import { PAGE_BYTES, ProblemError } from '@sluice/contracts';

/** Encodes where the next page of a list begins: the sort key and id of the last item, as one opaque string. */
export const encodeCursor = (sortKey: string, id: string): string =>
  Buffer.from(JSON.stringify([sortKey, id])).toString('base64url');

/** Decodes a cursor. @throws ProblemError 400 for a malformed cursor */
export function decodeCursor(cursor: string): [sortKey: string, id: string] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(parts) &&
      parts.length === 2 &&
      parts.every((part) => typeof part === 'string' && !part.includes('\0')) &&
      /^[\w-]{1,64}$/.test(parts[1] as string)
    )
      return parts as [string, string];
  } catch {
    // not a cursor
  }
  throw malformed();
}

/** Reads a cursor of a list whose ids are numbers. @throws ProblemError 400 for a malformed cursor */
export function decodeNumberCursor(cursor: string): number {
  const number = Number(decodeCursor(cursor)[1]);
  if (!Number.isSafeInteger(number) || number < 0) throw malformed();
  return number;
}

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

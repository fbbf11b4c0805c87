/** Where a list goes on: the sort key and id of the last item, as one opaque word. */
export const encodeCursor = (sortKey: string, id: string): string =>
  Buffer.from(JSON.stringify([sortKey, id])).toString('base64url');

/** Reads a cursor back; undefined for anything that is none. */
export function decodeCursor(cursor: string): [sortKey: string, id: string] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === 'string'))
      return parts as [string, string];
  } catch {
    // not a cursor
  }
  return undefined;
}

/** Cuts a result that was asked for with one row too many into a page. */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => [sortKey: string, id: string],
  show: (row: R) => T,
) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(show),
    ...(rows.length > limit && last !== undefined ? { nextCursor: encodeCursor(...keyOf(last)) } : {}),
  };
}

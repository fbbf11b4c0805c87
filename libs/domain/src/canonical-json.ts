/** JSON of a value with the keys of every object sorted, so that equal values give the same text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(inOrder(value)) ?? 'undefined';

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, inOrder(item)]),
  );
}

/** Makes text safe to store and to show: removes control, format and line separator characters and lone surrogates. */
export const plainText = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '');

/** Makes text from a peer safe and at most `max` UTF-16 units long. */
export const cleanText = (text: string, max: number): string => plainText(text.slice(0, max));

/**
 * The same value with every text in it plain, also the keys of objects. No store rejects what is left: PostgreSQL takes neither
 * U+0000 nor lone surrogates in JSON.
 */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [plainText(key), plainValue(item)]));
}

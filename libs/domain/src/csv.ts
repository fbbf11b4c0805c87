import { plainText } from './text.js';

/** Fields of something, `object.field` those of an object in it. */
export type PathOf<T> = {
  [K in keyof T & string]:
    | K
    | (NonNullable<T[K]> extends readonly unknown[]
        ? never
        : NonNullable<T[K]> extends object
          ? `${K}.${keyof NonNullable<T[K]> & string}`
          : never);
}[keyof T & string];

/**
 * A row of CSV (RFC 4180), without its line end. What is absent is an empty cell, lists and objects are JSON. Names and messages are
 * what others chose: a spreadsheet must not take one for a formula, so such a text gets a quote in front, also after a semicolon, which
 * separates cells where the comma is the decimal sign; and characters that
 * control a terminal are removed.
 */
export const csvRow = (cells: readonly unknown[]): string => cells.map(cellOf).join(',');

/** The row of an item. @param columns the same for all items: each is a field, or `object.field` */
export const csvRowOf = <T>(item: T, columns: readonly PathOf<T>[]): string =>
  csvRow(columns.map((column) => column.split('.').reduce(fieldOf, item)));

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;

/** What spreadsheets take for the beginning of a formula, also in the wide forms of East Asian scripts. */
const FORMULA = /(^|;)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const plain = plainText(typeof value === 'object' ? JSON.stringify(value) : String(value));
  const text = plain.replace(FORMULA, "$1'");
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; // plain text has no line breaks
}

import { csvRow, csvRowOf, type PathOf, plainText } from '@sluice/domain';
import { stringify as yaml } from 'yaml';
import type { Column } from './fit-columns.js';
import { hasControls, jsonText } from './json-text.js';
import { type Cell, formatTable, type Screen } from './table.js';

export const FORMATS = ['table', 'json', 'yaml', 'csv'] as const;
/** How a command prints its answer. */
export type Format = (typeof FORMATS)[number];

/** The options that select the output format; `--json` is short for `-o json`. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly output?: Format;
}

/** Lines of CSV. The columns are the same whatever the items have: each is a field, as JSON where that is a list or an object. */
export interface Rows<T> {
  readonly items: readonly T[];
  readonly columns: readonly PathOf<T>[];
}

/** How a list is printed: as a table for people, and as CSV. */
export interface Listing<T> {
  readonly head: readonly Column[];
  readonly row: (item: T) => readonly Cell[];
  /** What is said where there is nothing. */
  readonly empty: string;
  readonly csv: Rows<T>['columns'];
}

/** What a command prints on: sentences and tables for a person, or the whole answer for a program. */
export class Output {
  constructor(
    readonly format: Format,
    private readonly screen: Screen = process.stdout,
  ) {}

  /** The output that options ask for. */
  static of({ json, output }: OutputOptions): Output {
    return new Output(json === true ? 'json' : (output ?? 'table'));
  }

  /** Whether a person reads it. */
  get isForPeople(): boolean {
    return this.format === 'table';
  }

  /** Prints an answer: whole for a program, or by `forPeople`. @param csv what stands in CSV, where that is not the answer's own fields */
  value<T>(answer: unknown, forPeople: () => void, csv?: Rows<T>): void {
    if (this.isForPeople) forPeople();
    else if (this.format === 'csv' && csv) this.screen.write(formatRows(csv));
    else this.screen.write(formatAnswer(answer, this.format));
  }

  /** Prints a list: whole for a program, or as a table; `empty` where there is nothing. */
  list<T>(items: readonly T[], { head, row, empty, csv }: Listing<T>): void {
    this.value(items, () => this.table(head, items.map(row), empty), { items, columns: csv });
  }

  /** Prints what was done: the response for a program, or a sentence. */
  done(answer: unknown, sentence: string): void {
    this.value(answer, () => this.line(sentence));
  }

  /** Prints a table, for people only. */
  table(head: readonly Column[], rows: readonly (readonly Cell[])[], empty: string): void {
    if (!this.isForPeople) return;
    if (rows.length === 0) this.line(empty);
    else this.screen.write(`${formatTable(head, rows, this.screen)}\n`);
  }

  /** Prints the properties of one object, line by line, for people only. */
  fields(fields: readonly (readonly [label: string, value: Cell])[]): void {
    const width = Math.max(...fields.map(([label]) => label.length)) + 2;
    for (const [label, value] of fields)
      this.line(`${`${label}:`.padEnd(width)}${value === null || value === undefined || value === '' ? '-' : value}`);
  }

  /** Prints lines for people only; control characters in names and messages are removed. */
  line(text: string): void {
    if (this.isForPeople) this.screen.write(`${text.split('\n').map(plainText).join('\n')}\n`);
  }
}

function formatAnswer(answer: unknown, format: Format): string {
  switch (format) {
    case 'yaml':
      return yamlText(answer);
    case 'csv':
      return formatCsv(answer);
    default:
      return `${jsonText(answer, 2)}\n`;
  }
}

/** YAML, in the form of JSON if plain YAML would contain characters that control a terminal. */
function yamlText(answer: unknown): string {
  const text = yaml(answer, { lineWidth: 0 });
  return hasControls(text) ? `${jsonText(answer, 2)}\n` : text;
}

/** One line for each item, one column for each field that it has; fields of objects are `object.field`. */
function formatCsv(answer: unknown): string {
  const rows = (Array.isArray(answer) ? answer : [answer]).map((item: unknown) => new Map(fieldsOf(item, '')));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return linesOf([csvRow(columns), ...rows.map((row) => csvRow(columns.map((column) => row.get(column))))]);
}

const formatRows = <T>({ items, columns }: Rows<T>): string =>
  linesOf([csvRow(columns), ...items.map((item) => csvRowOf(item, columns))]);

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function fieldsOf(value: unknown, name: string): [string, unknown][] {
  if (!isObject(value)) return [[name === '' ? 'value' : name, Array.isArray(value) ? JSON.stringify(value) : value]];
  return Object.entries(value).flatMap(([field, inner]) => fieldsOf(inner, name === '' ? field : `${name}.${field}`));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

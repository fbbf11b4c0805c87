import { plainText } from '@sluice/domain';
import { stringify as csv } from 'csv-stringify/sync';
import { stringify as yaml } from 'yaml';
import { type Cell, formatTable, type Screen } from './table.js';

export const FORMATS = ['table', 'json', 'yaml', 'csv'] as const;
/** How a command prints its answer. */
export type Format = (typeof FORMATS)[number];

/** The options that select the output format; `--json` is short for `-o json`. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly output?: Format;
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

  /** Prints an answer: whole for a program, or by `forPeople`. */
  value(answer: unknown, forPeople: () => void): void {
    if (this.isForPeople) forPeople();
    else this.screen.write(formatAnswer(answer, this.format));
  }

  /** Prints a list: whole for a program, or as a table; `empty` where there is nothing. */
  list<T>(items: readonly T[], head: readonly string[], row: (item: T) => readonly Cell[], empty: string): void {
    this.value(items, () => this.table(head, items.map(row), empty));
  }

  /** Prints what was done: the response for a program, or a sentence. */
  done(answer: unknown, sentence: string): void {
    this.value(answer, () => this.line(sentence));
  }

  /** Prints a table, for people only. */
  table(head: readonly string[], rows: readonly (readonly Cell[])[], empty: string): void {
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
      return yaml(answer, { lineWidth: 0 });
    case 'csv':
      return formatCsv(answer);
    default:
      return `${JSON.stringify(answer, null, 2)}\n`;
  }
}

/** One line for each item, one column for each field that any of them has; fields of objects are `object.field`. */
function formatCsv(answer: unknown): string {
  const rows = (Array.isArray(answer) ? answer : [answer]).map((item: unknown) => Object.fromEntries(fieldsOf(item, '')));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // names are what users chose: a spreadsheet must not take one for a formula
  return csv(rows, { header: true, columns, escape_formulas: true, cast: { boolean: String } });
}

function fieldsOf(value: unknown, name: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[name === '' ? 'value' : name, Array.isArray(value) ? JSON.stringify(value) : value]];
  return Object.entries(value).flatMap(([field, inner]) => fieldsOf(inner, name === '' ? field : `${name}.${field}`));
}

/** The values that a statement refers to. */
export class SqlValues {
  readonly all: unknown[] = [];

  /** What a value is called in the statement. */
  place(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

/** A part of a statement, written when it is known which values the statement has: PostgreSQL refuses values that it does not refer to. */
export type SqlPart = (values: SqlValues) => string;

/** Conditions that must all hold. */
export const allOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'true' : conditions.map((condition) => `(${condition})`).join(' and ');

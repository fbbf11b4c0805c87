import { plainText } from '@sluice/domain';

/** What can be wrong with an export; `docs/verify.md` explains the codes. */
export type ProblemCode =
  | 'malformed'
  | 'truncated'
  | 'out-of-order'
  | 'missing'
  | 'fork'
  | 'altered'
  | 'bad-head'
  | 'bad-certificate'
  | 'foreign'
  | 'revoked'
  | 'clock'
  | 'cut'
  | 'bad-dropped'
  | 'record-differs'
  | 'record-missing'
  | 'record-unfounded';

/** Where something is wrong. */
export interface Place {
  readonly author?: string;
  readonly incarnation?: string;
  readonly number?: number;
  readonly session?: string;
}

/** Something that is wrong with an export. */
export interface Problem extends Place {
  readonly code: ProblemCode;
  readonly message: string;
}

/** How many problems are kept. A file can contain any number of them. */
const MAX_KEPT = 1000;
/** Longest text that is quoted from a file. */
const MAX_QUOTED = 200;

interface Found {
  readonly line: number;
  readonly problem: Problem;
}

/** The problems of an export, in the order of its lines. */
export class Problems {
  private found: Found[] = [];
  /** How many there are in all. */
  count = 0;

  /** Adds a problem. Texts of the file in it are made plain. @param line number of the line that shows it */
  add(line: number, code: ProblemCode, message: string, place: Place = {}): void {
    this.count++;
    this.found.push({ line, problem: { code, message: plainText(message), ...plainPlace(place) } });
    if (this.found.length >= 2 * MAX_KEPT) this.found = this.first();
  }

  private first(): Found[] {
    return this.found.toSorted((a, b) => a.line - b.line).slice(0, MAX_KEPT);
  }

  /** The first thousand. */
  get list(): Problem[] {
    return this.first().map(({ problem }) => problem);
  }
}

/** The problems that are printed, in the order of the file: the first ones, and that the file was cut, which explains what else is missing. */
export const shownProblems = (problems: readonly Problem[], most: number): Problem[] =>
  problems.filter(({ code }, index) => index < most || code === 'truncated');

const plainPlace = (place: Place): Place =>
  Object.fromEntries(
    Object.entries(place).map(([name, value]) => [
      name,
      typeof value === 'string' ? plainText(value.slice(0, MAX_QUOTED)) : value,
    ]),
  );

/** Quotes a value of the file in a message. */
export const quote = (value: unknown): string => {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'nothing');
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
};

import type { z } from 'zod';
import { ProblemError } from './problem.js';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object of strings',
};
const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  datetime: 'a time in ISO 8601, such as 2026-01-31T12:00:00Z',
};

/** Maximum number of characters of a value in a message. */
const MAX_SHOWN = 120;

/**
 * Problem for input that a schema rejected: names the first field, the rule, and the value unless it may be a secret. A text in a
 * text field may be one; in a field that expects something else, or one of a few words, it is a mistake.
 */
export function invalidInput(error: z.ZodError, given: unknown): ProblemError {
  const [issue] = error.issues as readonly Issue[];
  if (!issue) return new ProblemError(400, 'invalid_input', 'the request is invalid');
  const field = issue.path.map(String).join('.');
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], given);
  const name = field === '' ? 'the request' : field;
  const title = value === undefined && issue.code !== 'unrecognized_keys' ? missing(name, issue) : wrong(name, issue);
  const at = field === '' ? {} : { field };
  return new ProblemError(400, 'invalid_input', title, { ...at, ...(mayBeSecret(issue) ? {} : shown(value)) });
}

const missing = (name: string, issue: Issue): string =>
  `${name} is missing${issue.code === 'invalid_value' ? `: ${oneOf(issue.values)}` : ''}`;

const oneOf = (values: readonly unknown[]): string => `${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}`;

function wrong(name: string, issue: Issue): string {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const keys = issue.keys.map((key) => `"${key}"`).join(', ');
      return issue.path.length === 0 ? `there is no field ${keys}` : `there is no field ${keys} in ${name}`;
    }
    case 'invalid_type':
      return `${name} is ${KINDS[issue.expected] ?? `of type ${issue.expected}`}`;
    case 'invalid_value':
      return `${name} is ${oneOf(issue.values)}`;
    case 'invalid_format':
      return `${name} is ${FORMATS[issue.format] ?? 'not of its form'}`;
    case 'too_big':
      return `${name} ${bound('at most', Number(issue.maximum), issue.origin)}`;
    case 'too_small':
      return `${name} ${bound('at least', Number(issue.minimum), issue.origin)}`;
    case 'custom':
      return `${name} ${issue.message}`;
    default:
      return `${name} is not valid`;
  }
}

function bound(how: string, limit: number, origin: string): string {
  if (origin === 'string') return `has ${how} ${limit} characters`;
  return origin === 'array' ? `has ${how} ${limit} ${limit === 1 ? 'entry' : 'entries'}` : `is ${how} ${limit}`;
}

function mayBeSecret(issue: Issue): boolean {
  if (issue.code === 'invalid_type') return issue.expected === 'string';
  if (issue.code === 'invalid_value' || issue.code === 'custom') return false; // the only custom checks are those of filters
  if (issue.code === 'invalid_format') return FORMATS[issue.format] === undefined;
  return (issue.code !== 'too_big' && issue.code !== 'too_small') || issue.origin !== 'number';
}

function shown(value: unknown): { value?: string } {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return shown(value.join(' '));
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return {};
  const text = String(value);
  return { value: text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text };
}

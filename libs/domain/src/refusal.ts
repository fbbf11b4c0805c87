import type { ProblemCode } from './problem-code.js';

/** Why a value was not accepted: an expected result, not an exception. `field` and `value` name the input that caused it, if any. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly message: string;
  readonly field?: string;
  readonly value?: string;
}

/** Either a value, or the refusal that explains why there is none. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** Wraps a value. */
export const accept = <T>(value: T): Outcome<T> => ({ ok: true, value });

/** Wraps a refusal. Long values are cut, so that the error stays readable. */
export function refuse(code: ProblemCode, message: string, field?: string, value?: string): Outcome<never> {
  const shown = value !== undefined && value.length > 120 ? `${value.slice(0, 117)}...` : value;
  return {
    ok: false,
    refusal: { code, message, ...(field === undefined ? {} : { field }), ...(shown === undefined ? {} : { value: shown }) },
  };
}

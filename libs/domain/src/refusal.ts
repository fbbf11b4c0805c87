import type { ProblemCode } from './problem-code.js';

/** An expected "no": a value, never an exception. `field` and `value` say which input was meant, when it was input. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly message: string;
  readonly field?: string;
  readonly value?: string;
}

/** Either a value, or the refusal that explains why there is no value. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** Wraps a good value. */
export const accept = <T>(value: T): Outcome<T> => ({ ok: true, value });

/** Wraps a reason; long values are cut so that an error stays readable. */
export function refuse(code: ProblemCode, message: string, field?: string, value?: string): Outcome<never> {
  const shown = value !== undefined && value.length > 120 ? `${value.slice(0, 117)}...` : value;
  return {
    ok: false,
    refusal: { code, message, ...(field === undefined ? {} : { field }), ...(shown === undefined ? {} : { value: shown }) },
  };
}

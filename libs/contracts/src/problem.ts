import { PROBLEM_CODES, type ProblemCode } from '@sluice/domain';
import { z } from 'zod';

/** An error of the API, as RFC 9457 has it, with a stable `code`. It never holds a stack trace or a secret. */
export const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().meta({ description: 'What went wrong, for people' }),
    status: z.int().min(400).max(599),
    code: z.string().meta({ description: `Stable name of the problem; this release knows ${PROBLEM_CODES.join(', ')}` }),
    field: z.string().optional().meta({ description: 'The input that caused it' }),
    value: z.string().optional().meta({ description: 'The value of that input' }),
    requestId: z.string().optional(),
    retryAfter: z.int().min(1).optional().meta({ description: 'Seconds after which the same request may succeed' }),
  })
  .meta({ id: 'Problem' });
/** An error of the API, as RFC 9457 has it, with a stable `code`. */
export type Problem = z.infer<typeof Problem>;

/** Thrown when a request cannot be fulfilled. The caller receives the `Problem`; other errors are never exposed. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(
    status: number,
    code: ProblemCode,
    title: string,
    at: { field?: string; value?: string; retryAfter?: number } = {},
  ) {
    super(title);
    this.name = 'ProblemError';
    this.problem = { type: 'about:blank', title, status, code, ...at };
  }

  /** A problem received from another service, to be passed on unchanged. A newer release may have other codes. */
  static received(problem: Problem): ProblemError {
    return Object.assign(new ProblemError(problem.status, 'fault', problem.title), { problem });
  }
}

/** Problem: nobody is signed in, or the login has ended. */
export const unauthenticated = (title = 'sign in first: this needs a login that has not ended') =>
  new ProblemError(401, 'unauthenticated', title);
/** Problem: signed in, but not allowed. */
export const forbidden = (title: string) => new ProblemError(403, 'forbidden', title);
/** Problem: what the request names does not exist. */
export const notFound = (what: string, value: string) =>
  new ProblemError(404, 'not_found', `there is no ${what} "${value}"`, { field: what, value });
/** Problem: a required service does not respond; the same request may succeed later. */
export const unavailable = (title: string) => new ProblemError(503, 'unavailable', title);

/** Problem: too much at once, or too often; the same request may succeed after `retryAfter` seconds. */
export const tooMany = (code: ProblemCode, title: string, retryAfter: number) =>
  new ProblemError(429, code, `${title}: try again in ${retryAfter} s`, { retryAfter });

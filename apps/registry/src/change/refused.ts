import { ProblemError } from '@sluice/contracts';
import type { Outcome, Refusal } from '@sluice/domain';

/** Problem for a rule of the domain that said no: 422, or 409 where something of that name or place exists. */
export function refusedBy(refusal: Refusal): ProblemError {
  const status = /_taken$|_none_left$/.test(refusal.code) ? 409 : 422;
  return new ProblemError(status, refusal.code, refusal.message, {
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
    ...(refusal.value === undefined ? {} : { value: refusal.value }),
  });
}

/** The value of an outcome. @throws ProblemError with the rule's own code where it said no. */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw refusedBy(outcome.refusal);
  return outcome.value;
}

import { ProblemError } from '@sluice/contracts';
import type { Outcome, Refusal } from '@sluice/domain';

/** Codes of what breaks no rule of its own: something of that name or place exists, or the state of things stands against it. */
const CONFLICTS = /_taken$|_none_left$|_full$|_in_use$|_is_default$|_not_enabled$|_suspended$|^last_/;

/** Problem for a rule of the domain that said no: 422 for a value that breaks one, 404 for a name of nothing, 409 where it is the present state that forbids it. */
export function refusedBy(refusal: Refusal): ProblemError {
  const status = CONFLICTS.test(refusal.code) ? 409 : refusal.code.endsWith('_unknown') ? 404 : 422;
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

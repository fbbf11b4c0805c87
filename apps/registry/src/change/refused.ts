import { ProblemError } from '@sluice/contracts';
import type { Outcome, Refusal } from '@sluice/domain';

/** Codes of refusals that concern a valid value which conflicts with the present state, such as a name that is taken. */
const CONFLICTS = /_taken$|_none_left$|_full$|_in_use$|_is_default$|_configured$|_not_enabled$|_suspended$|^last_/;

/** The problem for a refusal by a rule of the domain: 422 for an invalid value, 404 for an unknown name, 409 for a conflict with the present state. */
export function refusedBy(refusal: Refusal): ProblemError {
  const status = CONFLICTS.test(refusal.code) ? 409 : refusal.code.endsWith('_unknown') ? 404 : 422;
  return new ProblemError(status, refusal.code, refusal.message, {
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
    ...(refusal.value === undefined ? {} : { value: refusal.value }),
  });
}

/** The value of an accepted outcome. @throws ProblemError with the rule's own code for a refused one */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw refusedBy(outcome.refusal);
  return outcome.value;
}

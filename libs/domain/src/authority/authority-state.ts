/**
 * What an authority of the installation is for. There is one rotation at a time:
 *
 *   (prepare) ──► next ──► current ──► former ──► retired
 *                  │ switch: the next one signs    │ retire: nothing of the former one is accepted any more
 *
 *   state     signs   connections accept its certificates
 *   next      no      yes
 *   current   yes     yes
 *   former    no      yes
 *   retired   no      no: only what was signed before is still verified
 */
export const AUTHORITY_STATES = ['next', 'current', 'former', 'retired'] as const;
/** What an authority of the installation is for. */
export type AuthorityState = (typeof AUTHORITY_STATES)[number];

/** The step of a rotation that comes next. */
export const AUTHORITY_STEPS = ['prepare', 'switch', 'retire'] as const;
/** The step of a rotation that comes next. */
export type AuthorityStep = (typeof AUTHORITY_STEPS)[number];

/** The step that the states of all authorities permit. */
export function nextAuthorityStep(states: readonly AuthorityState[]): AuthorityStep {
  if (states.includes('next')) return 'switch';
  return states.includes('former') ? 'retire' : 'prepare';
}

import type { Overview } from './overview.js';

/** What an author published that is wrong, by the kind of the integrity fact: `relay-1 published ...`. */
export const FINDING_TEXTS: Readonly<Record<Overview['findings'][number]['kind'], string>> = {
  quarantined: 'facts that cannot become records',
  conflict: 'different facts with the same number or id',
  foreign: "facts about another author's sessions",
  altered: 'facts that do not have the hash that the next fact states',
  unproven: 'signatures that prove nothing: the key is not its own, or its clock was put back',
  gap: 'facts that never arrived',
  late: 'facts that arrived after they had been given up, or a corrected end that came too late',
  unopened: 'checkpoints of sessions whose beginning it never reported',
  flood: 'an unusually large share of all facts',
};

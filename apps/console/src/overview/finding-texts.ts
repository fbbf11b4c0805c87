import type { Overview } from './overview.js';

/** What a finding says to somebody who does not know how facts work: what its author did, and what follows from it. */
interface FindingText {
  /** Continues the name of the author: `relay-1 ...`. */
  readonly what: string;
  readonly means: string;
}

/** What an author did that is wrong, by the kind of the integrity fact. */
export const FINDING_TEXTS: Readonly<Record<Overview['findings'][number]['kind'], FindingText>> = {
  quarantined: {
    what: 'reported something of which no record can be made',
    means: 'It is kept: the command sluice audit quarantine list shows it, and why.',
  },
  conflict: {
    what: 'reported two different things under the same number',
    means:
      'One of them counts, the other is kept in quarantine. Its journal was written twice, or somebody else has its identity.',
  },
  foreign: {
    what: 'reported something about a session of another node',
    means: 'It does not count: only the node that began a session reports about it.',
  },
  altered: {
    what: 'reported something that differs from what its next report says about it',
    means: 'Each report contains the hash of the one before. One of them was altered, or its journal was written twice.',
  },
  unproven: {
    what: 'signed its reports in a way that proves nothing',
    means: 'The key is not its own, or its clock was put back. The reports count, but this signature is no evidence for them.',
  },
  gap: {
    what: 'left out numbers, so something that it reported is missing',
    means: 'Reports are numbered without gaps. If they arrive after all, they count, and are shown here as late.',
  },
  late: {
    what: 'reported something late, after it had been missed',
    means: 'It is stored and counts, except for the end of a session whose presumed end had become final: that record stays.',
  },
  unopened: {
    what: 'reported the progress of sessions whose beginning it has not reported',
    means: 'They have no record until their beginning arrives.',
  },
  flood: {
    what: 'causes an unusually large share of all reports',
    means: 'If that is unexpected, find out why, or delete the node.',
  },
};

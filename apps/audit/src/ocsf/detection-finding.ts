import type { IntegrityFound } from '@sluice/contracts';
import type { IntegrityKind } from '@sluice/domain';
import { type Draft, draft, type KnownFact, millisecondsOf, present, type Severity } from './draft.js';

/** How severe a finding is, and what it says in one sentence. */
const FINDINGS: Readonly<Record<IntegrityKind, readonly [severity: Severity, title: string]>> = {
  quarantined: ['medium', 'a fact of which no record could be made'],
  conflict: ['high', 'a second, different fact with the same number'],
  foreign: ['high', 'a fact about a session that another author began'],
  altered: ['high', 'a fact that does not have the hash that the next one of its chain says'],
  unproven: ['high', 'a signed head that proves nothing'],
  gap: ['high', 'facts that are missing'],
  late: ['low', 'a fact that arrived after it had been given up'],
  unopened: ['medium', 'checkpoints of a session that was never opened'],
  flood: ['medium', 'an author whose facts are a large share of the stream'],
};

/** Something is wrong with the facts of an author. */
export function findingOf({ kind, author, detail, at }: IntegrityFound, { id }: KnownFact): Draft {
  const [severity, title] = FINDINGS[kind];
  const created = millisecondsOf(at);
  return draft({
    of: 'detection_finding',
    activity: 'create',
    severity,
    status: 'new',
    message: author === null ? title : `${title}, of ${author}`,
    attributes: {
      finding_info: {
        uid: id,
        title,
        types: [kind],
        analytic: { uid: kind, name: `integrity of facts: ${kind}`, type_id: 1, type: 'Rule' },
        ...present({ created_time: created }),
      },
      is_alert: severity !== 'low',
      evidences: [{ name: kind, data: detail }],
      ...(author === null ? {} : { resources: [{ uid: author, type: author.includes('-') ? 'relay' : 'service' }] }),
    },
    unmapped: { kind, author },
  });
}

import {
  Activity,
  AttemptUnanswered,
  AuditHeartbeat,
  Dropped,
  IntegrityFound,
  RelayStarted,
  ResourceHealthChanged,
  SESSION_FACTS,
  SignedHead,
} from '@sluice/contracts';
import { z } from 'zod';
import { deniedCallOf } from './api-activity.js';
import { relayStartOf, serviceStartOf } from './application-lifecycle.js';
import { authenticationOf } from './authentication.js';
import { droppedOf, headOf, healthOf, heartbeatOf, otherOf } from './base-event.js';
import { findingOf } from './detection-finding.js';
import type { Draft, KnownFact } from './draft.js';
import { changeOf } from './entity-management.js';
import { attemptOf, closeOf, openOf, trafficSoFar, unansweredOf } from './network-activity.js';

/** What a fact becomes, or why it is malformed. */
type Outcome = Draft | { readonly trouble: string };
type Conversion = (fact: KnownFact) => Outcome;

/** A conversion of facts whose data matches a schema. */
const of =
  <S extends z.ZodType>(schema: S, make: (data: z.infer<S>, fact: KnownFact) => Draft): Conversion =>
  (fact) => {
    const parsed = schema.safeParse(fact.data);
    if (parsed.success) return make(parsed.data, fact);
    const [issue] = parsed.error.issues;
    return { trouble: `data: ${issue?.path.join('.')} ${issue?.message}` };
  };

/** What becomes of a fact, by the third word of its subject, or the third and the fourth. */
const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map([
  ['session.opened', of(SESSION_FACTS.opened, openOf)],
  ['session.checkpoint', of(SESSION_FACTS.checkpoint, trafficSoFar)],
  ['session.closed', of(SESSION_FACTS.closed, closeOf)],
  ['session.refused', of(SESSION_FACTS.refused, (data) => attemptOf('refused', data))],
  ['session.failed', of(SESSION_FACTS.failed, (data) => attemptOf('failed', data))],
  ['attempt.unanswered', of(AttemptUnanswered, unansweredOf)],
  ['activity', of(Activity, (data) => authenticationOf(data) ?? deniedCallOf(data) ?? changeOf(data))],
  ['integrity', of(IntegrityFound, findingOf)],
  ['relay.started', of(RelayStarted, relayStartOf)],
  ['service.started', of(z.unknown(), (_, fact) => serviceStartOf(fact))],
  ['relay.head', of(SignedHead, headOf)],
  ['service.head', of(SignedHead, headOf)],
  ['service.dropped', of(Dropped, droppedOf)],
  ['service.heartbeat', of(AuditHeartbeat, heartbeatOf)],
  ['health.resource', of(ResourceHealthChanged, healthOf)],
]);

/** What a fact becomes. */
export function draftOf(fact: KnownFact): Outcome {
  const [, , noun = '', kind = ''] = fact.subject.split('.');
  const convert = CONVERSIONS.get(`${noun}.${kind}`) ?? CONVERSIONS.get(noun);
  return convert?.(fact) ?? otherOf('a fact of a kind that this release does not know', { data: fact.data });
}

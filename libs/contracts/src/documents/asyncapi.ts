import { INTEGRITY_KINDS, parseJson } from '@sluice/domain';
import { z } from 'zod';
import { ALL_FACTS, ALL_OCSF_EVENTS, AUDIT_STREAM, OCSF_STREAM } from '../bus/subjects.js';
import { Activity } from '../http/activities.js';
import { activitySubject } from '../facts/activity-facts.js';
import { AttemptUnanswered, attemptSubject } from '../facts/attempt-facts.js';
import { type ChainedService, Envelope, serviceStartedSubject } from '../facts/envelope.js';
import { healthFactSubject, ResourceHealthChanged } from '../facts/health-facts.js';
import { Dropped, DROPPED_SUBJECT } from '../http/dropped.js';
import { AUDIT_HEARTBEAT, AuditHeartbeat } from '../facts/heartbeat-fact.js';
import { IntegrityFound, integritySubject } from '../facts/integrity-facts.js';
import {
  factType,
  RelayStarted,
  relayStartedSubject,
  SESSION_FACTS,
  type SessionFactKind,
  sessionFactSubject,
} from '../facts/session-facts.js';
import { relayHeadSubject, serviceHeadSubject, SignedHead } from '../facts/signed-head.js';
import { OCSF_CLASSES, OCSF_VERSION, type OcsfActivityOf, type OcsfClass, OcsfEvent, ocsfSubject } from '../ocsf/ocsf-event.js';

type Json = Record<string, unknown>;

/** A kind of fact, for the document. */
interface FactKind {
  readonly name: string;
  /** Its subject, with the names of its variable words in braces. */
  readonly subject: string;
  readonly author: string;
  readonly summary: string;
  readonly data: z.ZodType;
  /** Whether it has a place in its author's chain. */
  readonly chained: boolean;
}

const [CLUSTER, NODE, RESOURCE] = ['{cluster}', '{node}', '{resource}'];
const WORDS: Readonly<Record<string, string>> = {
  cluster: 'id of the proxy cluster, or `default`',
  node: 'id of the relay',
  resource: 'id of the server',
  service: 'registry, health or audit',
  object: 'what was changed: server, user, role and others',
  verb: 'what was done with it, in the past tense',
  kind: `one of ${INTEGRITY_KINDS.join(', ')}`,
};

const SESSIONS: Readonly<Record<SessionFactKind, string>> = {
  opened: 'The dial succeeded; no byte was passed before',
  checkpoint: 'The bytes so far; not part of the chain',
  closed: 'How an open session ended',
  refused: 'An attempt, or several similar ones, that a relay denied',
  failed: 'An attempt, or several similar ones, that did not reach the server',
};

const KINDS: readonly FactKind[] = [
  ...(Object.keys(SESSION_FACTS) as SessionFactKind[]).map((kind) => ({
    name: `session.${kind}`,
    subject: sessionFactSubject(kind, CLUSTER, NODE, RESOURCE),
    author: 'a relay',
    summary: SESSIONS[kind],
    data: SESSION_FACTS[kind],
    chained: kind !== 'checkpoint',
  })),
  {
    name: 'relay.started',
    subject: relayStartedSubject(CLUSTER, NODE),
    author: 'a relay',
    summary: 'A relay began a new journal',
    data: RelayStarted,
    chained: true,
  },
  {
    name: 'relay.head',
    subject: relayHeadSubject(CLUSTER, NODE),
    author: 'a relay',
    summary: "The relay's signature over all earlier facts of its chain",
    data: SignedHead,
    chained: true,
  },
  {
    name: 'attempt.unanswered',
    subject: attemptSubject(RESOURCE),
    author: 'the registry',
    summary: 'An attempt that no relay answered, as the agent reported it',
    data: AttemptUnanswered,
    chained: true,
  },
  {
    name: 'activity',
    subject: activitySubject('{object}', '{verb}'),
    author: 'the registry',
    summary: 'What an administrator or a user changed, and sign-ins and calls that were refused',
    data: Activity,
    chained: true,
  },
  {
    name: 'health.resource',
    subject: healthFactSubject(RESOURCE),
    author: 'the health service',
    summary: "A server's health changed",
    data: ResourceHealthChanged,
    chained: true,
  },
  {
    name: 'service.started',
    subject: serviceStartedSubject('{service}' as ChainedService),
    author: 'that service',
    summary: 'A chain of the service begins',
    data: z.object({ service: z.string() }),
    chained: true,
  },
  {
    name: 'service.head',
    subject: serviceHeadSubject('{service}' as ChainedService),
    author: 'that service',
    summary: "The service's signature over all earlier facts of its chain",
    data: SignedHead,
    chained: true,
  },
  {
    name: 'service.heartbeat',
    subject: AUDIT_HEARTBEAT,
    author: 'the audit service',
    summary: 'Once a minute while facts are stored; not part of the chain',
    data: AuditHeartbeat,
    chained: false,
  },
  {
    name: 'service.dropped',
    subject: DROPPED_SUBJECT,
    author: 'the audit service',
    summary: 'Retention is about to drop facts from the beginning of a chain, with the records that follow from them',
    data: Dropped,
    chained: true,
  },
  {
    name: 'integrity',
    subject: integritySubject('{kind}' as (typeof INTEGRITY_KINDS)[number]),
    author: 'the audit service',
    summary: 'Something is wrong with the facts of an author',
    data: IntegrityFound,
    chained: true,
  },
];

const parametersOf = (subject: string, words: Readonly<Record<string, string>>): Json =>
  Object.fromEntries([...subject.matchAll(/\{(\w+)\}/g)].map(([, word = '']) => [word, { description: words[word] }]));

const OCSF = Object.keys(OCSF_CLASSES) as OcsfClass[];
/** The name of the channel of a class of OCSF events. */
const channelOf = (name: OcsfClass): string => `ocsf.${name}`;

/** The AsyncAPI 3 document of all events, for those who receive them. */
export function asyncApiDocument(): Json {
  const schemas: Json = {};
  const messages = {
    ...Object.fromEntries(KINDS.map((kind) => [kind.name, messageOf(kind, schemas)])),
    ...Object.fromEntries(OCSF.map((name) => [channelOf(name), ocsfMessageOf(name, schemas)])),
  };
  const channel = (name: string, address: string, summary: string, words: Readonly<Record<string, string>>): [string, Json] => [
    name,
    {
      address,
      summary,
      parameters: parametersOf(address, words),
      messages: { [name]: { $ref: `#/components/messages/${name}` } },
    },
  ];
  const published = (name: string, author: string): [string, Json] => [
    `publish.${name}`,
    { action: 'send', channel: { $ref: `#/channels/${name}` }, summary: `Published by ${author}` },
  ];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Sluice audit events',
      version: '1',
      description: `Everything that Sluice records, as CloudEvents on ${ALL_FACTS} in the JetStream stream ${AUDIT_STREAM}, and converted to OCSF ${OCSF_VERSION} on ${ALL_OCSF_EVENTS} in the stream ${OCSF_STREAM}. Within a version fields are added, never removed or changed. docs/siem.md says how they are received, docs/facts.md what they mean.`,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries([
      ...KINDS.map(({ name, subject, summary }) => channel(name, subject, summary, WORDS)),
      ...OCSF.map((name) => {
        const { caption, activities } = OCSF_CLASSES[name];
        const words = { activity: `one of ${Object.keys(activities).join(', ')}` };
        return channel(channelOf(name), ocsfSubject(name, '{activity}' as OcsfActivityOf<OcsfClass>), `OCSF: ${caption}`, words);
      }),
    ]),
    operations: Object.fromEntries([
      ...KINDS.map(({ name, author }) => published(name, author)),
      ...OCSF.map((name) => published(channelOf(name), 'the audit service')),
    ]),
    components: { messages, schemas },
  };
}

function ocsfMessageOf(name: OcsfClass, schemas: Json): Json {
  const { uid, category, caption } = OCSF_CLASSES[name];
  const whole = OcsfEvent.extend({ class_uid: z.literal(uid), category_uid: z.literal(category) });
  const summary = `An OCSF event of the class ${caption}`;
  return {
    name: channelOf(name),
    title: channelOf(name),
    summary,
    contentType: 'application/json',
    payload: payloadOf(whole, schemas),
  };
}

function messageOf({ name, subject, summary, data, chained }: FactKind, schemas: Json): Json {
  const isOfRelay = subject.includes(NODE);
  const { node, incarnation, number, previous, ...common } = Envelope.shape;
  const whole = z.object({
    ...common,
    type: subject.split('.').slice(2, 4).join('').includes('{') ? common.type : z.literal(factType(subject)),
    ...(isOfRelay ? { node: node.unwrap() } : {}),
    ...(isOfRelay || chained ? { incarnation: incarnation.unwrap() } : {}),
    ...(chained ? { number: number.unwrap(), previous: previous.unwrap() } : {}),
    data,
  });
  return { name, title: name, summary, contentType: 'application/json', payload: payloadOf(whole, schemas) };
}

/** The JSON Schema of a message. What it shares with others is added to `schemas`. */
function payloadOf(whole: z.ZodType, schemas: Json): Json {
  const schema = z.toJSONSchema(whole, { target: 'draft-7', io: 'input' });
  const {
    definitions,
    $schema: _,
    ...payload
  } = parseJson(JSON.stringify(schema).replaceAll('#/definitions/', '#/components/schemas/')) as Json;
  Object.assign(schemas, definitions);
  return payload;
}

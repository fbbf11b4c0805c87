import { HEALTH_BUCKET } from '../http/health.js';
import { type Operation, operationsOf, operationSubject } from '../operation.js';
import { GATEWAY_BUCKET, HEALTH_POLICY_BUCKET } from '../policy/policy-entry.js';
import { identifyActor, noteDenied } from '../rpc/actor.js';
import { AUDIT_STATUS } from '../rpc/audit-status.js';
import { OBJECTS_CHANGED, SESSIONS_CHANGED } from '../rpc/changed.js';
import { countLiveSessions } from '../rpc/count-live-sessions.js';
import { locateSession } from '../rpc/locate-session.js';
import { GATEWAY_PRESENCE, RELAY_PRESENCE } from '../rpc/presence.js';
import { FACTS_WAITING, relaySubjects } from '../rpc/relay-commands.js';
import { certifyAudit, certifyHealth } from '../rpc/service-certificate.js';
import { showHold } from '../http/retention.js';
import { droppedActivities, liftHold, placeHold, wantedRetention } from '../rpc/keep-holds.js';
import { idsNamed } from '../rpc/ids-named.js';
import { settleReaders, showDeliveries, wantedReaders } from '../rpc/siem-deliveries.js';
import {
  ALL_FACTS,
  AUDIT_STREAM,
  bucketChanges,
  bucketReads,
  factsOfService,
  READER_STREAMS,
  readerState,
  sessionFacts,
  STORED_FACTS,
} from './subjects.js';

/**
 * The bus's accounts, and everything that crosses between them. A reply or deliver subject reaches no further than the
 * account of the user that names it, so nobody can have the server write to subjects of others, or call JetStream in their
 * name: neither a relay, nor a gateway, which is the part that the Internet reaches, nor one service in place of another.
 * What a service imports is what its user may publish anyway, so such a response can do no more than a message of its own.
 * SIEM readers are not in the account `siem`, because there a response could be given the subject of a fact.
 *
 *   relays ── facts ──► audit ── facts that are stored ──► siem        readers ── requests for the next events ──► audit
 *   relays ── reads of the policy ──► registry ◄── calls of operations, reads of the policy ── gateways
 *   relays ◄── commands ── registry, health        relays ◄── "stored" ── audit
 *   registry, health ── facts ──► audit, health ── who calls? ──► registry ── questions about sessions ──► audit
 */
export const BUS_ACCOUNTS = ['registry', 'audit', 'health', 'gateways', 'relays', 'siem', 'readers'] as const;
/** One of the bus's accounts. */
export type BusAccount = (typeof BUS_ACCOUNTS)[number];

/** The accounts that have streams: the registry those of the policy's buckets, audit that of facts, health that of its bucket. */
export const ACCOUNTS_WITH_STREAMS: readonly BusAccount[] = ['registry', 'audit', 'health'];

/**
 * What one account exports and another imports, in NATS's terms: requests to a `service`, with one response or many, and the
 * messages of a `stream`.
 */
export interface BusCrossing {
  readonly from: BusAccount;
  readonly to: BusAccount;
  readonly kind: 'service' | 'service of many responses' | 'stream';
  readonly subject: string;
  /** The part of the exported subjects that is imported; all of them by default. */
  readonly part?: string;
  /** The subject under which the importing account receives a stream, or requests a service; its own by default. */
  readonly as?: string;
  /**
   * The subject that users of the importing account publish to instead. A user needs the permission for what it is mapped to.
   * Without this, requests of JetStream's API would be answered twice, first by the importing account, which has no streams.
   */
  readonly mappedFrom?: string;
}

/** Reads of stored facts. */
export const FACT_READS = `$JS.API.DIRECT.GET.${AUDIT_STREAM}`;

/** What SIEM readers do with their consumers: ask for the next events, acknowledge them, and look at the consumer's state. */
const READER_CROSSINGS = READER_STREAMS.flatMap((stream): BusCrossing[] => {
  const between = { from: 'audit', to: 'readers' } as const;
  const state = `$JS.API.CONSUMER.INFO.${stream}.*`;
  return [
    { ...between, kind: 'service of many responses', subject: `$JS.API.CONSUMER.MSG.NEXT.${stream}.*` },
    { ...between, kind: 'service', subject: `$JS.ACK.${stream}.*.>` },
    { ...between, kind: 'service', subject: state, as: readerState(stream, '*'), mappedFrom: state },
  ];
});

const anyRelay = relaySubjects('*');

/** A call of an operation by another service. */
const call = (to: BusAccount, of: Operation): BusCrossing => ({
  from: of.owner,
  to,
  kind: 'service',
  subject: operationsOf(of.owner),
  part: operationSubject(of),
});
/** Reads of a bucket by another service, with its changes. */
const bucketFor = (to: BusAccount, from: BusAccount, bucket: string): BusCrossing[] => [
  { from, to, kind: 'service of many responses', subject: bucketReads('*'), part: bucketReads(bucket) },
  { from, to, kind: 'stream', subject: bucketChanges('*'), part: bucketChanges(bucket) },
];

/** Everything that crosses between the bus's accounts. */
export const BUS_CROSSINGS: readonly BusCrossing[] = [
  { from: 'audit', to: 'relays', kind: 'service', subject: 'audit.v1.session.>' },
  { from: 'audit', to: 'relays', kind: 'service', subject: 'audit.v1.relay.>' },
  { from: 'audit', to: 'relays', kind: 'stream', subject: anyRelay.stored },
  { from: 'audit', to: 'relays', kind: 'stream', subject: FACTS_WAITING },
  { from: 'registry', to: 'relays', kind: 'service of many responses', subject: bucketReads('*') },
  { from: 'registry', to: 'relays', kind: 'stream', subject: bucketChanges('*') },
  { from: 'relays', to: 'registry', kind: 'stream', subject: RELAY_PRESENCE },
  { from: 'relays', to: 'audit', kind: 'stream', subject: RELAY_PRESENCE },
  { from: 'relays', to: 'health', kind: 'stream', subject: RELAY_PRESENCE },
  { from: 'relays', to: 'health', kind: 'stream', subject: sessionFacts('opened') },
  { from: 'relays', to: 'health', kind: 'stream', subject: sessionFacts('failed') },
  { from: 'relays', to: 'registry', kind: 'service', subject: anyRelay.endSession },
  { from: 'relays', to: 'health', kind: 'service', subject: anyRelay.probe },
  ...(['registry', 'audit', 'health'] as const).map((owner): BusCrossing => ({
    from: owner,
    to: 'gateways',
    kind: 'service',
    subject: operationsOf(owner),
  })),
  ...bucketFor('gateways', 'registry', GATEWAY_BUCKET),
  { from: 'registry', to: 'gateways', kind: 'stream', subject: OBJECTS_CHANGED },
  { from: 'health', to: 'gateways', kind: 'stream', subject: OBJECTS_CHANGED },
  { from: 'audit', to: 'gateways', kind: 'stream', subject: SESSIONS_CHANGED },
  { from: 'audit', to: 'gateways', kind: 'stream', subject: AUDIT_STATUS },
  { from: 'gateways', to: 'registry', kind: 'stream', subject: GATEWAY_PRESENCE },
  ...factsOfService('registry').map((subject): BusCrossing => ({ from: 'audit', to: 'registry', kind: 'service', subject })),
  ...factsOfService('health').map((subject): BusCrossing => ({ from: 'audit', to: 'health', kind: 'service', subject })),
  ...[locateSession, countLiveSessions, settleReaders, showDeliveries, placeHold, liftHold, showHold, droppedActivities].map(
    (of) => call('registry', of),
  ),
  ...[identifyActor, noteDenied, certifyAudit, wantedReaders, wantedRetention, idsNamed].map((of) => call('audit', of)),
  ...[identifyActor, noteDenied, certifyHealth].map((of) => call('health', of)),
  ...bucketFor('health', 'registry', HEALTH_POLICY_BUCKET),
  ...bucketFor('registry', 'health', HEALTH_BUCKET),
  { from: 'audit', to: 'siem', kind: 'stream', subject: STORED_FACTS, as: ALL_FACTS },
  { from: 'audit', to: 'siem', kind: 'service of many responses', subject: FACT_READS },
  ...READER_CROSSINGS,
];

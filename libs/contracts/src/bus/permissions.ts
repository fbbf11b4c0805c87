import { HEALTH_BUCKET } from '../http/health.js';
import { OPERATIONS } from '../http/operations.js';
import { operationsOf, operationSubject } from '../operation.js';
import { GATEWAY_BUCKET, HEALTH_POLICY_BUCKET, policyBucket } from '../policy/policy-entry.js';
import { identifyActor, noteDenied } from '../rpc/actor.js';
import { droppedActivities, liftHold, placeHold, wantedRetention } from '../rpc/keep-holds.js';
import { showHold } from '../http/retention.js';
import { idsNamed } from '../rpc/ids-named.js';
import { settleReaders, showDeliveries, wantedReaders } from '../rpc/siem-deliveries.js';
import { AUDIT_STATUS } from '../rpc/audit-status.js';
import { OBJECTS_CHANGED, SESSIONS_CHANGED } from '../rpc/changed.js';
import { countLiveSessions } from '../rpc/count-live-sessions.js';
import { locateSession } from '../rpc/locate-session.js';
import { GATEWAY_PRESENCE, RELAY_PRESENCE, relayPresence } from '../rpc/presence.js';
import { FACTS_WAITING, relaySubjects } from '../rpc/relay-commands.js';
import { certifyAudit, certifyHealth } from '../rpc/service-certificate.js';
import { type BusAccount, FACT_READS } from './accounts.js';
import {
  ALL_FACTS,
  ALL_OCSF_EVENTS,
  AUDIT_STREAM,
  bucketChanges,
  bucketReads,
  bucketStream,
  bucketSubject,
  FACT_CONSUMER,
  factsOfService,
  inboxPrefix,
  OCSF_CONSUMER,
  OCSF_STREAM,
  READER_STREAMS,
  readerConsumer,
  type ReaderStream,
  readerState,
  sessionFacts,
} from './subjects.js';

/** Users of the bus that are services; relays have one user each, named by their node id. */
export const BUS_SERVICES = ['registry', 'audit', 'health', 'gateway'] as const;
/** Users of the bus that are services. */
export type BusService = (typeof BUS_SERVICES)[number];

/** The account of the bus that a service's user belongs to. */
export const accountOfService = (service: BusService): BusAccount => (service === 'gateway' ? 'gateways' : service);

/** What a user of the bus may do. The NATS server refuses everything else. */
export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Taken out of `publish`. */
  readonly never?: readonly string[];
  /** Bytes of the longest message it may publish, headers included; by default the server's own limit. */
  readonly longestMessage?: number;
  /** How many subscriptions it may have at the same time; unlimited by default. */
  readonly subscriptions?: number;
}

/** Bytes of the longest message of a relay: more than its longest fact has, and far less than the server's own limit. */
export const RELAY_LONGEST_MESSAGE = 128 * 1024;
/** Subscriptions of a relay: ten times what it needs. */
const RELAY_SUBSCRIPTIONS = 100;

/** Reading a bucket: requests for its content, and a subscription to its changes. It needs no consumer, which could be made to deliver elsewhere. */
const readsBucket = (bucket: string): BusPermissions => ({
  publish: [bucketReads(bucket)],
  subscribe: [bucketChanges(bucket)],
});
const writesBucket = (bucket: string): string[] => [
  '$JS.API.INFO',
  ...['INFO', 'CREATE', 'UPDATE'].map((verb) => `$JS.API.STREAM.${verb}.${bucketStream(bucket)}`),
  bucketSubject(bucket, '>'),
];

/** Buckets are created and deleted with proxy clusters, so the registry may create any in its account. */
const ANY_BUCKET = [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  ...['INFO', 'CREATE', 'UPDATE', 'DELETE', 'PURGE'].map((verb) => `$JS.API.STREAM.${verb}.*`),
  bucketReads('*'),
  bucketSubject('*', '>'),
];

/** Keeping a stream of events with its consumers, those of SIEM readers among them, and reading single events. */
const keepsStream = (stream: ReaderStream): string[] => [
  ...['INFO', 'CREATE', 'UPDATE'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`),
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.CONSUMER.LIST.${stream}`,
  ...['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.*`),
  `$JS.API.CONSUMER.CREATE.${stream}.*.>`,
];

/** Every service except the registry has the registry check its callers. */
const CHECKS_CALLERS = [operationSubject(identifyActor), operationSubject(noteDenied)];
const anyRelay = relaySubjects('*');

/** What a service may publish and subscribe to on the bus. */
export function servicePermissions(service: BusService): BusPermissions {
  const inbox = `${inboxPrefix(service)}.>`;
  switch (service) {
    case 'registry':
      return {
        publish: [
          operationSubject(locateSession),
          operationSubject(countLiveSessions),
          operationSubject(settleReaders),
          operationSubject(showDeliveries),
          ...[placeHold, liftHold, showHold, droppedActivities].map(operationSubject),
          anyRelay.endSession,
          ...factsOfService('registry'),
          OBJECTS_CHANGED,
          ...ANY_BUCKET,
        ],
        never: [`$JS.API.STREAM.*.${AUDIT_STREAM}`],
        subscribe: [inbox, operationsOf('registry'), RELAY_PRESENCE, GATEWAY_PRESENCE, ...readsBucket(HEALTH_BUCKET).subscribe],
      };
    case 'audit':
      return {
        publish: [
          ...CHECKS_CALLERS,
          operationSubject(certifyAudit),
          anyRelay.stored,
          FACTS_WAITING,
          SESSIONS_CHANGED,
          AUDIT_STATUS,
          'audit.v1.integrity.>',
          'audit.v1.service.*.audit',
          '$JS.API.INFO',
          operationSubject(wantedReaders),
          operationSubject(wantedRetention),
          operationSubject(idsNamed),
          ALL_OCSF_EVENTS,
          ...READER_STREAMS.flatMap(keepsStream),
          ...['DELETE', 'PURGE'].map((verb) => `$JS.API.STREAM.${verb}.${OCSF_STREAM}`), // its content is made from the other stream
          ...[FACT_CONSUMER, OCSF_CONSUMER].flatMap((consumer) => [
            `$JS.API.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.${consumer}`,
            `$JS.ACK.${AUDIT_STREAM}.${consumer}.>`,
          ]),
        ],
        subscribe: [inbox, operationsOf('audit'), RELAY_PRESENCE],
      };
    case 'health':
      return {
        publish: [
          ...CHECKS_CALLERS,
          operationSubject(certifyHealth),
          anyRelay.probe,
          ...factsOfService('health'),
          OBJECTS_CHANGED,
          ...readsBucket(HEALTH_POLICY_BUCKET).publish,
          ...writesBucket(HEALTH_BUCKET),
          ...readsBucket(HEALTH_BUCKET).publish,
          `$JS.API.STREAM.PURGE.${bucketStream(HEALTH_BUCKET)}`, // the health of a server is deleted with the server
        ],
        subscribe: [
          inbox,
          operationsOf('health'),
          RELAY_PRESENCE,
          sessionFacts('opened'),
          sessionFacts('failed'),
          ...readsBucket(HEALTH_POLICY_BUCKET).subscribe,
          ...readsBucket(HEALTH_BUCKET).subscribe, // written by its other copies
        ],
      };
    case 'gateway':
      return {
        publish: [
          operationsOf('registry'),
          ...OPERATIONS.filter(({ owner }) => owner === 'audit').map(operationSubject), // and not what the audit service does for the registry
          operationsOf('health'),
          GATEWAY_PRESENCE,
          ...readsBucket(GATEWAY_BUCKET).publish,
        ],
        never: [certifyAudit, certifyHealth].map(operationSubject),
        subscribe: [inbox, SESSIONS_CHANGED, OBJECTS_CHANGED, AUDIT_STATUS, ...readsBucket(GATEWAY_BUCKET).subscribe],
      };
  }
}

/** What one relay may publish and subscribe to on the bus, and how much: its own facts, its own commands, its cluster's policy. */
export function relayPermissions(nodeId: string, cluster: string): BusPermissions {
  const { endSession, probe, stored } = relaySubjects(nodeId);
  const policy = readsBucket(policyBucket(cluster));
  return {
    publish: [
      relayPresence(cluster, nodeId),
      `audit.v1.session.*.${cluster}.${nodeId}.>`,
      `audit.v1.relay.*.${cluster}.${nodeId}`,
      ...policy.publish,
    ],
    subscribe: [`${inboxPrefix(nodeId)}.>`, endSession, probe, stored, FACTS_WAITING, ...policy.subscribe],
    longestMessage: RELAY_LONGEST_MESSAGE,
    subscriptions: RELAY_SUBSCRIPTIONS,
  };
}

/** Bytes of the longest message of a SIEM reader, which sends only requests for events and acknowledgements. */
const READER_LONGEST_MESSAGE = 4096;
/** Subscriptions of a SIEM reader: client libraries make one for each request that waits for events. */
const READER_SUBSCRIPTIONS = 64;
/** How NATS names the user's own public key in the permissions of a signing key. */
const OWN_KEY = '{{subject()}}';

/**
 * What every SIEM reader may do: ask for the next events of its own consumer, acknowledge them, and look at the consumer's state.
 * These permissions belong to the key that signs the readers and are part of the server's configuration, so that whoever has that
 * key can grant no others, and that they follow the release although the readers' credentials do not expire.
 */
export function readerPermissions(): BusPermissions {
  const own = readerConsumer(OWN_KEY);
  return {
    publish: READER_STREAMS.flatMap((stream) => [
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${own}`,
      `$JS.ACK.${stream}.${own}.>`,
      readerState(stream, own),
    ]),
    subscribe: [`${inboxPrefix(OWN_KEY)}.>`],
    longestMessage: READER_LONGEST_MESSAGE,
    subscriptions: READER_SUBSCRIPTIONS,
  };
}

/** What a reader of facts may publish and subscribe to: facts as they are stored, and those that were stored before. */
export const siemPermissions = (): BusPermissions => ({
  publish: [FACT_READS],
  subscribe: [`${inboxPrefix('siem')}.>`, ALL_FACTS],
});

import { GATEWAY_PRESENCE, RELAY_PRESENCE, relayPresence } from './presence.js';
import { FACTS_WAITING } from './relay-commands.js';

/** Headers of a question on the bus. The token is the account's own: the service that answers has it checked by the registry. */
export const BUS_HEADERS = {
  token: 'Sluice-Token',
  requestId: 'Sluice-Request-Id',
  idempotencyKey: 'Sluice-Idempotency-Key',
  /** Where the request came from, as the gateway saw it. No credential: limits and records use it. Only gateways may ask for accounts. */
  clientAddress: 'Sluice-Client-Address',
} as const;

/** JetStream stream that keeps every fact. */
export const AUDIT_STREAM = 'AUDIT';

/** Subjects of all facts. */
export const ALL_FACTS = 'audit.v1.>';
/** Facts as the server tells them once they are stored: each once, in order, with its number in the stream. */
export const STORED_FACTS = `stored.${ALL_FACTS}`;

/** Subjects on which the changes of a bucket are told once they are stored. */
export const bucketChanges = (bucket: string): string => `bucket.v1.${bucket}.>`;

/**
 * The bus's accounts, and everything that crosses between them. A reply or deliver subject reaches no further than the
 * account of whoever names it, so a relay or a reader of facts cannot have the server write to a service's subjects.
 *
 *   relays ── facts, reads of a bucket ──► services ── facts that are stored ──► siem
 *   relays ◄── commands, "stored", bucket changes ── services
 */
export type BusAccount = 'services' | 'relays' | 'siem';

/**
 * One thing that crosses: `answers` is asked, with one answer or many; `tells` is heard. `part` is what of it may be asked,
 * all of it by default; `as` is the name under which it is heard, its own by default.
 */
export interface BusCrossing {
  readonly from: BusAccount;
  readonly to: BusAccount;
  readonly kind: 'answers' | 'answers many' | 'tells';
  readonly subject: string;
  readonly part?: string;
  readonly as?: string;
}

const BUCKET_READS = '$JS.API.DIRECT.GET.*';
const FACT_READS = `$JS.API.DIRECT.GET.${AUDIT_STREAM}`;

/** Everything that crosses between the bus's accounts. */
export const BUS_CROSSINGS: readonly BusCrossing[] = [
  { from: 'services', to: 'relays', kind: 'answers', subject: 'audit.v1.session.>' },
  { from: 'services', to: 'relays', kind: 'answers', subject: 'audit.v1.relay.>' },
  { from: 'services', to: 'relays', kind: 'answers many', subject: BUCKET_READS },
  { from: 'services', to: 'relays', kind: 'tells', subject: bucketChanges('*') },
  { from: 'services', to: 'relays', kind: 'tells', subject: 'node.v1.*.stored' },
  { from: 'services', to: 'relays', kind: 'tells', subject: FACTS_WAITING },
  { from: 'relays', to: 'services', kind: 'tells', subject: RELAY_PRESENCE },
  { from: 'relays', to: 'services', kind: 'answers', subject: 'node.v1.*.end-session' },
  { from: 'relays', to: 'services', kind: 'answers', subject: 'node.v1.*.probe' },
  { from: 'services', to: 'siem', kind: 'tells', subject: STORED_FACTS, as: ALL_FACTS },
  { from: 'services', to: 'siem', kind: 'answers many', subject: BUCKET_READS, part: FACT_READS },
];

/** Users of the bus that are services; relays have one user each, named by their node id. */
export const BUS_SERVICES = ['registry', 'audit', 'health', 'gateway'] as const;
/** Users of the bus that are services. */
export type BusService = (typeof BUS_SERVICES)[number];

/** The inbox prefix of a bus user: nobody else may listen there. */
export const inboxPrefix = (user: string): string => `_INBOX_${user}`;

export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Taken out of `publish`. */
  readonly never?: readonly string[];
  /** Bytes of the longest message it may publish, headers included; what the server takes where it is absent. */
  readonly longestMessage?: number;
  /** How many subscriptions it may have at once; absent: as many as it likes. */
  readonly subscriptions?: number;
}

/** Bytes of the longest message of a relay: more than its longest fact has, and far less than what the server takes. */
export const RELAY_LONGEST_MESSAGE = 128 * 1024;
/** Subscriptions of a relay: ten times what it needs. */
const RELAY_SUBSCRIPTIONS = 100;

/** Reading a bucket: what stands there is asked for, what changes is heard. No consumer, so nothing to have delivered elsewhere. */
const readsBucket = (bucket: string): BusPermissions => ({
  publish: [`$JS.API.DIRECT.GET.KV_${bucket}`],
  subscribe: [bucketChanges(bucket)],
});
const writesBucket = (bucket: string): string[] => [
  '$JS.API.INFO',
  ...['INFO', 'CREATE', 'UPDATE'].map((verb) => `$JS.API.STREAM.${verb}.KV_${bucket}`),
  `$KV.${bucket}.>`,
];

/** Buckets come and go with proxy clusters, so their maker may make any; the stream of facts is not one of them. */
const ANY_BUCKET = [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  ...['INFO', 'CREATE', 'UPDATE', 'DELETE', 'PURGE'].map((verb) => `$JS.API.STREAM.${verb}.*`),
  '$JS.API.DIRECT.GET.*',
  '$KV.*.>',
];
const NO_AUDIT_STREAM = [`$JS.API.STREAM.*.${AUDIT_STREAM}`, FACT_READS, '$KV.health.>'];

/** What a service may publish and subscribe to on the bus. Everything else is refused by the NATS server. */
export function servicePermissions(service: BusService): BusPermissions {
  const inbox = `${inboxPrefix(service)}.>`;
  switch (service) {
    case 'registry':
      return {
        publish: [
          'rpc.v1.audit.sessions.locate',
          'node.v1.*.end-session',
          'audit.v1.activity.>',
          'audit.v1.attempt.>',
          'audit.v1.service.*.registry',
          ...ANY_BUCKET,
        ],
        never: NO_AUDIT_STREAM,
        subscribe: [inbox, 'rpc.v1.registry.>', RELAY_PRESENCE, GATEWAY_PRESENCE, ...readsBucket('health').subscribe],
      };
    case 'audit':
      return {
        publish: [
          'rpc.v1.registry.actors.identify',
          'rpc.v1.registry.actors.denied',
          'node.v1.*.stored',
          FACTS_WAITING,
          'audit.v1.integrity.>',
          'audit.v1.service.*.audit',
          '$JS.API.INFO',
          `$JS.API.STREAM.INFO.${AUDIT_STREAM}`,
          `$JS.API.STREAM.CREATE.${AUDIT_STREAM}`,
          `$JS.API.STREAM.UPDATE.${AUDIT_STREAM}`,
          `$JS.API.CONSUMER.*.${AUDIT_STREAM}.records`,
          `$JS.API.CONSUMER.CREATE.${AUDIT_STREAM}.records.>`,
          `$JS.API.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.records`,
          `$JS.API.CONSUMER.DURABLE.CREATE.${AUDIT_STREAM}.records`,
          `$JS.ACK.${AUDIT_STREAM}.records.>`,
        ],
        subscribe: [inbox, 'rpc.v1.audit.>', RELAY_PRESENCE],
      };
    case 'health':
      return {
        publish: [
          'rpc.v1.registry.actors.identify',
          'rpc.v1.registry.actors.denied',
          'node.v1.*.probe',
          'audit.v1.health.>',
          'audit.v1.service.*.health',
          ...readsBucket('health_policy').publish,
          ...writesBucket('health'),
          ...readsBucket('health').publish,
          '$JS.API.STREAM.PURGE.KV_health', // what is said of a server goes with it
        ],
        subscribe: [
          inbox,
          'rpc.v1.health.>',
          RELAY_PRESENCE,
          'audit.v1.session.opened.>',
          'audit.v1.session.failed.>',
          ...readsBucket('health_policy').subscribe,
        ],
      };
    case 'gateway':
      return {
        publish: [
          'rpc.v1.registry.>',
          'rpc.v1.audit.sessions.list',
          'rpc.v1.audit.sessions.show',
          'rpc.v1.audit.quarantine.list',
          'rpc.v1.audit.quarantine.retry',
          'rpc.v1.health.>',
          GATEWAY_PRESENCE,
          ...readsBucket('gateway_policy').publish,
        ],
        subscribe: [inbox, ...readsBucket('gateway_policy').subscribe],
      };
  }
}

/** What one relay may publish and subscribe to on the bus, and how much at once: its own facts, its own commands, its cluster's policy. */
export function relayPermissions(nodeId: string, cluster: string): BusPermissions {
  return {
    publish: [
      relayPresence(cluster, nodeId),
      `audit.v1.session.*.${cluster}.${nodeId}.>`,
      `audit.v1.relay.*.${cluster}.${nodeId}`,
      ...readsBucket(`policy_${cluster}`).publish,
    ],
    subscribe: [
      `${inboxPrefix(nodeId)}.>`,
      `node.v1.${nodeId}.end-session`,
      `node.v1.${nodeId}.probe`,
      `node.v1.${nodeId}.stored`,
      FACTS_WAITING,
      ...readsBucket(`policy_${cluster}`).subscribe,
    ],
    longestMessage: RELAY_LONGEST_MESSAGE,
    subscriptions: RELAY_SUBSCRIPTIONS,
  };
}

/** What a reader of facts may publish and subscribe to: facts as they are stored, and those that were stored before. */
export const siemPermissions = (): BusPermissions => ({
  publish: [FACT_READS],
  subscribe: [`${inboxPrefix('siem')}.>`, ALL_FACTS],
});

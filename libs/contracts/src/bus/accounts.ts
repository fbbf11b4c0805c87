import { AUDIT_STATUS } from '../rpc/audit-status.js';
import { OBJECTS_CHANGED, SESSIONS_CHANGED } from '../rpc/changed.js';
import { GATEWAY_PRESENCE, RELAY_PRESENCE } from '../rpc/presence.js';
import { FACTS_WAITING, relaySubjects } from '../rpc/relay-commands.js';
import { ALL_FACTS, AUDIT_STREAM, bucketChanges, READER_STREAMS, readerState, STORED_FACTS } from './subjects.js';

/**
 * The bus's accounts, and everything that crosses between them. A reply or deliver subject reaches no further than the
 * account of the user that names it, so neither a relay, nor a gateway, which is the part that the Internet reaches, nor a reader
 * of facts can have the server write to a service's subjects, or call JetStream in the name of one.
 * SIEM readers are not in the account `siem`, because there a response could be given the subject of a fact.
 *
 *   relays ── facts, reads of a bucket ──► services ── facts that are stored ──► siem
 *   relays ◄── commands, "stored", bucket changes ── services
 *   gateways ── calls of operations, reads of a bucket, presence ──► services ── what changed ──► gateways
 *   readers ── requests for the next events, acknowledgements ──► services
 */
export const BUS_ACCOUNTS = ['services', 'gateways', 'relays', 'siem', 'readers'] as const;
/** One of the bus's accounts. */
export type BusAccount = (typeof BUS_ACCOUNTS)[number];

/**
 * What one account exports and another imports, in NATS's terms: requests to a `service`, with one response or many, and the
 * messages of a `stream`.
 */
export interface BusCrossing {
  readonly from: BusAccount;
  readonly to: BusAccount;
  readonly kind: 'service' | 'service of many responses' | 'stream';
  readonly subject: string;
  /** The part of a service's subjects that is imported; all of them by default. */
  readonly part?: string;
  /** The subject under which the importing account receives a stream, or requests a service; its own by default. */
  readonly as?: string;
  /**
   * The subject that users of the importing account publish to instead. A user needs the permission for what it is mapped to.
   * Without this, requests of JetStream's API would be answered twice, first by the importing account, which has no streams.
   */
  readonly mappedFrom?: string;
}

/** Reads of any bucket. */
const BUCKET_READS = '$JS.API.DIRECT.GET.*';
/** Reads of stored facts. */
export const FACT_READS = `$JS.API.DIRECT.GET.${AUDIT_STREAM}`;

/** What SIEM readers do with their consumers: ask for the next events, acknowledge them, and look at the consumer's state. */
const READER_CROSSINGS = READER_STREAMS.flatMap((stream): BusCrossing[] => {
  const between = { from: 'services', to: 'readers' } as const;
  const state = `$JS.API.CONSUMER.INFO.${stream}.*`;
  return [
    { ...between, kind: 'service of many responses', subject: `$JS.API.CONSUMER.MSG.NEXT.${stream}.*` },
    { ...between, kind: 'service', subject: `$JS.ACK.${stream}.*.>` },
    { ...between, kind: 'service', subject: state, as: readerState(stream, '*'), mappedFrom: state },
  ];
});

const anyRelay = relaySubjects('*');

/** Everything that crosses between the bus's accounts. */
export const BUS_CROSSINGS: readonly BusCrossing[] = [
  { from: 'services', to: 'relays', kind: 'service', subject: 'audit.v1.session.>' },
  { from: 'services', to: 'relays', kind: 'service', subject: 'audit.v1.relay.>' },
  { from: 'services', to: 'relays', kind: 'service of many responses', subject: BUCKET_READS },
  { from: 'services', to: 'relays', kind: 'stream', subject: bucketChanges('*') },
  { from: 'services', to: 'relays', kind: 'stream', subject: anyRelay.stored },
  { from: 'services', to: 'relays', kind: 'stream', subject: FACTS_WAITING },
  { from: 'services', to: 'gateways', kind: 'service', subject: 'rpc.v1.registry.>' },
  { from: 'services', to: 'gateways', kind: 'service', subject: 'rpc.v1.audit.>' },
  { from: 'services', to: 'gateways', kind: 'service', subject: 'rpc.v1.health.>' },
  { from: 'services', to: 'gateways', kind: 'service of many responses', subject: BUCKET_READS },
  { from: 'services', to: 'gateways', kind: 'stream', subject: bucketChanges('*') },
  { from: 'services', to: 'gateways', kind: 'stream', subject: SESSIONS_CHANGED },
  { from: 'services', to: 'gateways', kind: 'stream', subject: OBJECTS_CHANGED },
  { from: 'services', to: 'gateways', kind: 'stream', subject: AUDIT_STATUS },
  { from: 'gateways', to: 'services', kind: 'stream', subject: GATEWAY_PRESENCE },
  { from: 'relays', to: 'services', kind: 'stream', subject: RELAY_PRESENCE },
  { from: 'relays', to: 'services', kind: 'service', subject: anyRelay.endSession },
  { from: 'relays', to: 'services', kind: 'service', subject: anyRelay.probe },
  { from: 'services', to: 'siem', kind: 'stream', subject: STORED_FACTS, as: ALL_FACTS },
  { from: 'services', to: 'siem', kind: 'service of many responses', subject: BUCKET_READS, part: FACT_READS },
  ...READER_CROSSINGS,
];

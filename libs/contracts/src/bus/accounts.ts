import { RELAY_PRESENCE } from '../rpc/presence.js';
import { FACTS_WAITING, relaySubjects } from '../rpc/relay-commands.js';
import { ALL_FACTS, AUDIT_STREAM, bucketChanges, readerState, STORED_FACTS } from './subjects.js';

/**
 * The bus's accounts, and everything that crosses between them. A reply or deliver subject reaches no further than the
 * account of the user that names it, so a relay or a reader of facts cannot have the server write to a service's subjects.
 * SIEM readers are not in the account `siem`, because there a response could be given the subject of a fact.
 *
 *   relays ── facts, reads of a bucket ──► services ── facts that are stored ──► siem
 *   relays ◄── commands, "stored", bucket changes ── services
 *   readers ── requests for the next events, acknowledgements ──► services
 */
export type BusAccount = 'services' | 'relays' | 'siem' | 'readers';

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
const NEXT_EVENTS = `$JS.API.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.*`;
const EVENT_ACKS = `$JS.ACK.${AUDIT_STREAM}.*.>`;
const CONSUMER_STATE = `$JS.API.CONSUMER.INFO.${AUDIT_STREAM}.*`;

const anyRelay = relaySubjects('*');

/** Everything that crosses between the bus's accounts. */
export const BUS_CROSSINGS: readonly BusCrossing[] = [
  { from: 'services', to: 'relays', kind: 'service', subject: 'audit.v1.session.>' },
  { from: 'services', to: 'relays', kind: 'service', subject: 'audit.v1.relay.>' },
  { from: 'services', to: 'relays', kind: 'service of many responses', subject: BUCKET_READS },
  { from: 'services', to: 'relays', kind: 'stream', subject: bucketChanges('*') },
  { from: 'services', to: 'relays', kind: 'stream', subject: anyRelay.stored },
  { from: 'services', to: 'relays', kind: 'stream', subject: FACTS_WAITING },
  { from: 'relays', to: 'services', kind: 'stream', subject: RELAY_PRESENCE },
  { from: 'relays', to: 'services', kind: 'service', subject: anyRelay.endSession },
  { from: 'relays', to: 'services', kind: 'service', subject: anyRelay.probe },
  { from: 'services', to: 'siem', kind: 'stream', subject: STORED_FACTS, as: ALL_FACTS },
  { from: 'services', to: 'siem', kind: 'service of many responses', subject: BUCKET_READS, part: FACT_READS },
  { from: 'services', to: 'readers', kind: 'service of many responses', subject: NEXT_EVENTS },
  { from: 'services', to: 'readers', kind: 'service', subject: EVENT_ACKS },
  { from: 'services', to: 'readers', kind: 'service', subject: CONSUMER_STATE, as: readerState('*'), mappedFrom: CONSUMER_STATE },
];

import { RELAY_PRESENCE } from '../rpc/presence.js';
import { FACTS_WAITING, relaySubjects } from '../rpc/relay-commands.js';
import { ALL_FACTS, AUDIT_STREAM, bucketChanges, STORED_FACTS } from './subjects.js';

/**
 * The bus's accounts, and everything that crosses between them. A reply or deliver subject reaches no further than the
 * account of the user that names it, so a relay or a reader of facts cannot have the server write to a service's subjects.
 *
 *   relays ── facts, reads of a bucket ──► services ── facts that are stored ──► siem
 *   relays ◄── commands, "stored", bucket changes ── services
 */
export type BusAccount = 'services' | 'relays' | 'siem';

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
  /** The subject under which the importing account receives a stream; its own by default. */
  readonly as?: string;
}

/** Reads of any bucket. */
const BUCKET_READS = '$JS.API.DIRECT.GET.*';
/** Reads of stored facts. */
export const FACT_READS = `$JS.API.DIRECT.GET.${AUDIT_STREAM}`;

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
];

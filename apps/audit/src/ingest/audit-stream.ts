import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import {
  ALL_FACTS,
  AUDIT_STREAM,
  FACT_CONSUMER as DURABLE,
  FACTS_WAITING,
  type FactsWaiting,
  STORED_FACTS,
} from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { Log } from '@sluice/process';

const DAY_NS = 24 * 3600 * 1e9;
const DUPLICATE_WINDOW_NS = 120 * 1e9;
const ACK_WAIT_NS = 30 * 1e9;

/** How much the stream of facts keeps, and for how long. */
export interface StreamLimits {
  readonly retentionDays: number;
  readonly streamBytes: number;
}

/**
 * Creates or updates the stream of facts and this service's consumer of it. When the stream is full it rejects new facts
 * rather than dropping old ones, and it allows neither delete nor purge. It is bounded so that the policy always has room in
 * the same storage. JetStream republishes stored facts for other subscribers. All copies of this service share the consumer,
 * which has no limit on deliveries.
 */
export async function auditConsumer(bus: Bus, limits: StreamLimits, log: Log): Promise<Consumer> {
  const { manager } = bus;
  const changeable = {
    subjects: [ALL_FACTS],
    max_age: limits.retentionDays * DAY_NS,
    duplicate_window: DUPLICATE_WINDOW_NS,
    allow_direct: true,
    republish: { src: ALL_FACTS, dest: STORED_FACTS },
  };
  const present = await manager.streams.info(AUDIT_STREAM).catch(() => undefined);
  if (!present) {
    await manager.streams.add({
      name: AUDIT_STREAM,
      ...changeable,
      num_replicas: bus.replicas,
      max_bytes: limits.streamBytes,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      deny_delete: true,
      deny_purge: true,
    });
  } else if (present.config.max_age !== changeable.max_age || present.config.republish?.dest !== STORED_FACTS) {
    await manager.streams.update(AUDIT_STREAM, changeable);
  }
  if (present) await setLimit(bus, present, limits.streamBytes, log);
  if (present) await bus.replicate(AUDIT_STREAM, present.config.num_replicas);
  const known = await manager.consumers.info(AUDIT_STREAM, DURABLE).catch(() => undefined);
  if (!known) await addConsumer(bus, 1);
  return bus.jetstream.consumers.get(AUDIT_STREAM, DURABLE);
}

/** Changes the size limit of an existing stream. A stream above its new limit keeps everything, and rejects facts until there is room. */
async function setLimit(bus: Bus, { config }: StreamInfo, bytes: number, log: Log): Promise<void> {
  if (config.max_bytes === bytes) return;
  await bus.manager.streams.update(AUDIT_STREAM, { max_bytes: bytes }).catch((error: unknown) => {
    const details = { err: error, limit: config.max_bytes, wanted: bytes };
    log.error(details, 'the stream of facts keeps its old limit: NATS does not have this much storage');
  });
}

/**
 * Resets the consumer to the position of the database if facts beyond that position were acknowledged, which means that the
 * database was restored from a backup. The facts since then are still in the stream, and receiving one twice is harmless.
 *
 *   stored ◄── facts between: either not acknowledged yet, or stored before the restore ──► delivered
 *
 * @returns whether the consumer was replaced
 */
export async function goBackTo(bus: Bus, position: () => Promise<number>): Promise<boolean> {
  const { delivered, num_ack_pending: waiting } = await bus.manager.consumers.info(AUDIT_STREAM, DURABLE);
  const stored = await position(); // read after the consumer's state, because a fact is stored before it is acknowledged
  if (delivered.stream_seq - stored <= waiting) return false;
  await bus.manager.consumers.delete(AUDIT_STREAM, DURABLE);
  await addConsumer(bus, stored + 1);
  return true;
}

/** How many facts the stream has that are not in the database yet. */
export async function countWaitingFacts(bus: Bus): Promise<number> {
  const { num_pending: undelivered, num_ack_pending: underWay } = await bus.manager.consumers.info(AUDIT_STREAM, DURABLE);
  return undelivered + underWay;
}

/** What the stream of facts contains, and which part of it is not in the database yet. */
export interface StreamView {
  readonly waiting: FactsWaiting;
  readonly bytes: number;
  /** Its maximum size in bytes; zero or less if it has none. */
  readonly limit: number;
}

/**
 * Reads the state of the stream, and publishes to relays which facts are in it but not in the database yet, so that they
 * republish only what the stream has lost.
 */
export async function inspectStream(bus: Bus): Promise<StreamView> {
  const { delivered, ack_floor: floor, num_ack_pending: pending } = await bus.manager.consumers.info(AUDIT_STREAM, DURABLE);
  const { state, config } = await bus.manager.streams.info(AUDIT_STREAM); // read after the consumer's state, so that facts received in between count as waiting
  const stored = pending === 0 ? delivered.stream_seq : floor.stream_seq;
  const waiting: FactsWaiting = { from: Math.max(state.first_seq, stored + 1), to: state.last_seq };
  bus.publish(FACTS_WAITING, waiting);
  return { waiting, bytes: state.bytes, limit: config.max_bytes };
}

const addConsumer = (bus: Bus, from: number): Promise<unknown> =>
  bus.manager.consumers.add(AUDIT_STREAM, {
    durable_name: DURABLE,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    ack_wait: ACK_WAIT_NS,
    max_deliver: -1,
    max_ack_pending: 5000,
  });

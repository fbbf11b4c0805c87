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

/** How much the stream of facts keeps, and how long. */
export interface StreamLimits {
  readonly retentionDays: number;
  readonly streamBytes: number;
}

/**
 * Makes sure of the stream that keeps every fact: it refuses when full rather than dropping the oldest, and allows
 * neither delete nor purge. It is bounded, so that the policy always has room in the same storage. What it has stored it
 * republishes, for readers of facts. And of the consumer of this service, shared by its copies, without a limit on deliveries.
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
  const known = await manager.consumers.info(AUDIT_STREAM, DURABLE).catch(() => undefined);
  if (!known) await addConsumer(bus, 1);
  return bus.jetstream.consumers.get(AUDIT_STREAM, DURABLE);
}

/** Sets the limit of a stream that is there. One that holds more keeps it all, and takes no more until there is room. */
async function setLimit(bus: Bus, { config }: StreamInfo, bytes: number, log: Log): Promise<void> {
  if (config.max_bytes === bytes) return;
  await bus.manager.streams.update(AUDIT_STREAM, { max_bytes: bytes }).catch((error: unknown) => {
    const said = { err: error, limit: config.max_bytes, wanted: bytes };
    log.error(said, 'the stream of facts keeps its old limit: NATS does not have this much storage');
  });
}

/**
 * Goes back to where the database is, when something beyond it was acknowledged: it was restored from a backup. The facts
 * since then are still in the stream, and those that come twice change nothing.
 *
 *   stored ◄── delivered since: each is waiting for its acknowledgement, or it was stored once ──► delivered
 *
 * @returns whether that was so; the consumer is then another one
 */
export async function goBackTo(bus: Bus, position: () => Promise<number>): Promise<boolean> {
  const { delivered, num_ack_pending: waiting } = await bus.manager.consumers.info(AUDIT_STREAM, DURABLE);
  const stored = await position(); // asked after: what is acknowledged was stored before
  if (delivered.stream_seq - stored <= waiting) return false;
  await bus.manager.consumers.delete(AUDIT_STREAM, DURABLE);
  await addConsumer(bus, stored + 1);
  return true;
}

/** What is in the stream of facts, and how much of it is stored. */
export interface StreamView {
  readonly waiting: FactsWaiting;
  readonly bytes: number;
  /** Bytes at which it is full; zero or less where it has no limit. */
  readonly limit: number;
}

/** Looks at the stream, and publishes to relays what is in it and not stored yet, so that they republish what it has lost, and nothing else. */
export async function lookAtStream(bus: Bus): Promise<StreamView> {
  const { delivered, ack_floor: floor, num_ack_pending: pending } = await bus.manager.consumers.info(AUDIT_STREAM, DURABLE);
  const { state, config } = await bus.manager.streams.info(AUDIT_STREAM); // asked after: what came meanwhile waits
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

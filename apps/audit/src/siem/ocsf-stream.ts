import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { ALL_OCSF_EVENTS, AUDIT_STREAM, OCSF_CONSUMER, OCSF_STREAM, type WantedReader } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { oldestUnacknowledged } from './read-delivery.js';
import { acknowledged, readerConsumers, readersOf, settleConsumers } from './settle-consumers.js';

const DAY_NS = 24 * 3600 * 1e9;
const DUPLICATE_WINDOW_NS = 120 * 1e9;
const ACK_WAIT_NS = 30 * 1e9;
const MAX_UNACKNOWLEDGED = 1000;
/** The part of the stream that is removed at a time when it is full. */
const ROOM = 1 / 20;
/** After how long at the same event a reader keeps none in a full stream. */
const DEAD_AFTER_MS = 3600 * 1000;

/** How much the stream of OCSF events keeps, and for how long. */
export interface OcsfLimits {
  readonly retentionDays: number;
  readonly ocsfBytes: number;
}

/**
 * Makes and removes the stream of OCSF events and what belongs to it. It depends only on what there is, so it may fail at any
 * point and be repeated.
 *
 *   some reader wants OCSF    the stream; the consumer `ocsf` of the stream of facts, from which the stream is filled; the readers' consumers
 *   none does                 neither the stream nor that consumer
 *
 * Events are converted from the start of the first reader on. Everything in the stream can be converted again as long as JetStream
 * keeps the facts, so nothing is lost with it.
 */
export async function settleOcsf(bus: Bus, readers: readonly WantedReader[], limits: OcsfLimits): Promise<void> {
  const wanted = readersOf(OCSF_STREAM, readers);
  const { consumers, streams } = bus.manager;
  const stream = await unlessNotFound(streams.info(OCSF_STREAM));
  const source = await unlessNotFound(consumers.info(AUDIT_STREAM, OCSF_CONSUMER));
  if (wanted.length === 0) {
    if (source) await consumers.delete(AUDIT_STREAM, OCSF_CONSUMER);
    if (stream) await streams.delete(OCSF_STREAM);
    return;
  }
  await keepStream(bus, stream, limits);
  if (!source)
    await consumers.add(AUDIT_STREAM, {
      durable_name: OCSF_CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ACK_WAIT_NS,
      max_deliver: -1,
      max_ack_pending: MAX_UNACKNOWLEDGED,
      ...earliest(wanted),
    });
  await settleConsumers(bus, OCSF_STREAM, wanted);
}

/** The stream rejects events when it is full, so that none is dropped that a reader has not received; `OcsfRoom` decides which go. */
async function keepStream(bus: Bus, present: StreamInfo | undefined, limits: OcsfLimits): Promise<void> {
  const changeable = { max_age: limits.retentionDays * DAY_NS, max_bytes: limits.ocsfBytes };
  if (!present)
    await bus.manager.streams.add({
      name: OCSF_STREAM,
      subjects: [ALL_OCSF_EVENTS],
      num_replicas: bus.replicas,
      ...changeable,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      duplicate_window: DUPLICATE_WINDOW_NS,
      allow_direct: true,
    });
  else if (present.config.max_age !== changeable.max_age || present.config.max_bytes !== changeable.max_bytes)
    await bus.manager.streams.update(OCSF_STREAM, changeable);
  if (present) await bus.replicate(OCSF_STREAM, present.config.num_replicas);
}

/** Where the first of several readers begins. A number is one of a stream that does not exist yet, so it means everything. */
function earliest(readers: readonly WantedReader[]): Pick<ConsumerConfig, 'deliver_policy'> & { opt_start_time?: string } {
  const times = readers.flatMap(({ fromTime }) => fromTime ?? []).sort((a, b) => Date.parse(a) - Date.parse(b));
  const [first] = times;
  if (first === undefined || times.length < readers.length) return { deliver_policy: DeliverPolicy.All };
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: first };
}

/** Makes room in a full stream, as far as its readers allow. */
export class OcsfRoom {
  /** Up to where each reader had acknowledged, and since when that has been so, as far as this process knows. */
  private readonly floors = new Map<string, { readonly number: number; readonly since: number }>();

  constructor(private readonly bus: Bus) {}

  /**
   * Removes the oldest events, as far as every reader has acknowledged them. A reader whose first event that is not acknowledged
   * has been the same for an hour, during which the stream was full, keeps none, because the others would receive nothing any more either.
   * @returns whether some could be removed @throws Error if JetStream does not respond
   */
  async make(): Promise<boolean> {
    const readers = [...(await readerConsumers(this.bus, OCSF_STREAM)).values()].filter((info) => this.isAlive(info));
    const needed = await Promise.all(readers.map(async (info) => (await oldestUnacknowledged(this.bus, info))?.seq ?? Infinity));
    const { state } = await this.bus.manager.streams.info(OCSF_STREAM);
    const seq = Math.min(state.first_seq + Math.ceil(state.messages * ROOM), ...needed);
    if (!(seq > state.first_seq)) return false;
    await this.bus.manager.streams.purge(OCSF_STREAM, { seq }); // what is before this number
    return true;
  }

  private isAlive(info: ConsumerInfo): boolean {
    const [number, known] = [acknowledged(info), this.floors.get(info.name)];
    if (known?.number === number) return Date.now() - known.since < DEAD_AFTER_MS;
    this.floors.set(info.name, { number, since: Date.now() });
    return true;
  }
}

async function unlessNotFound<T>(info: Promise<T>): Promise<T | undefined> {
  try {
    return await info;
  } catch (error) {
    const absent = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound] as number[];
    if (error instanceof JetStreamApiError && absent.includes(error.code)) return undefined;
    throw error;
  }
}

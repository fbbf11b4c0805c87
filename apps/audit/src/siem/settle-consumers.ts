import { AckPolicy, type ConsumerConfig, type ConsumerInfo, DeliverPolicy } from '@nats-io/jetstream';
import { isReaderConsumer, type ReaderStream, streamOfSubjects, type WantedReader } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';

const SECOND_NS = 1e9;
/** How long a reader may take to acknowledge an event before it is delivered again. */
const ACK_WAIT_NS = 30 * SECOND_NS;
/** The longest wait of one request for events. NATS forgets where to send the events of a request that has waited for two minutes. */
const LONGEST_WAIT_NS = 60 * SECOND_NS;
const MAX_UNACKNOWLEDGED = 5000;
const MAX_BATCH = 1000;
const MAX_REQUESTS = 64;

/** In a consumer's metadata: whose it is, and which of the reader's starts it has. */
const READER = 'sluice-reader';
const START = 'sluice-start';

/**
 * Makes and removes consumers of one stream, so that they are those that its SIEM readers need.
 *
 *   a new reader       a consumer that begins at the reader's start
 *   new credentials    a consumer that continues where the reader's previous one was, which is then removed
 *   another start      the consumer is made again, and begins there
 *   no such reader     the consumer is removed, and with it all access of its credentials
 *
 * It depends only on what there is, so it may fail at any point and be repeated.
 */
export async function settleConsumers(bus: Bus, stream: ReaderStream, readers: readonly WantedReader[]): Promise<void> {
  const wanted = readersOf(stream, readers);
  const present = await readerConsumers(bus, stream);
  for (const reader of wanted) {
    const own = present.get(reader.consumer);
    if (own !== undefined && isOf(reader, own)) continue;
    if (own !== undefined) await bus.manager.consumers.delete(stream, reader.consumer);
    const before = [...present.values()].find((consumer) => consumer !== own && isOf(reader, consumer));
    await bus.manager.consumers.add(stream, {
      durable_name: reader.consumer,
      description: `events of the SIEM reader ${reader.id}`,
      metadata: { [READER]: reader.id, [START]: String(reader.start) },
      filter_subjects: [...reader.subjects],
      ack_policy: AckPolicy.Explicit,
      ack_wait: ACK_WAIT_NS,
      max_deliver: -1,
      max_ack_pending: MAX_UNACKNOWLEDGED,
      max_batch: MAX_BATCH,
      max_waiting: MAX_REQUESTS,
      max_expires: LONGEST_WAIT_NS,
      ...(before === undefined ? await startOf(bus, stream, reader) : from(acknowledged(before) + 1)),
    });
  }
  const names = new Set(wanted.map(({ consumer }) => consumer));
  for (const consumer of present.keys()) if (!names.has(consumer)) await bus.manager.consumers.delete(stream, consumer);
}

/** Those of the readers that read a stream. */
export const readersOf = (stream: ReaderStream, readers: readonly WantedReader[]): WantedReader[] =>
  readers.filter(({ subjects }) => streamOfSubjects(subjects) === stream);

/** The consumers of SIEM readers that a stream has, by name. */
export const readerConsumers = async (bus: Bus, stream: ReaderStream): Promise<Map<string, ConsumerInfo>> =>
  new Map((await consumersOf(bus, stream)).filter(({ name }) => isReaderConsumer(name)).map((info) => [info.name, info]));

/** All consumers of a stream. */
export async function consumersOf(bus: Bus, stream: ReaderStream): Promise<ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  for await (const info of bus.manager.consumers.list(stream)) found.push(info);
  return found;
}

/** All events of a consumer up to this number are acknowledged. */
export const acknowledged = ({ delivered, ack_floor: floor, num_ack_pending: waiting }: ConsumerInfo): number =>
  waiting === 0 ? delivered.stream_seq : floor.stream_seq;

const isOf = ({ id, start }: WantedReader, { config }: ConsumerInfo): boolean =>
  config.metadata?.[READER] === id && config.metadata[START] === String(start);

type Beginning = Pick<ConsumerConfig, 'deliver_policy'> & Partial<Pick<ConsumerConfig, 'opt_start_seq' | 'opt_start_time'>>;
const from = (number: number): Beginning => ({ deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: number });

/**
 * Where a consumer begins. If the stream has not reached a number, the number is of a stream that was lost, and everything that
 * the new one has is delivered: NATS would wait until the number is reached, and the reader would miss what is before it.
 */
async function startOf(bus: Bus, stream: ReaderStream, { fromTime, fromNumber }: WantedReader): Promise<Beginning> {
  if (fromTime !== null) return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: fromTime };
  const { state } = await bus.manager.streams.info(stream);
  return from(fromNumber !== null && fromNumber <= state.last_seq + 1 ? fromNumber : 1);
}

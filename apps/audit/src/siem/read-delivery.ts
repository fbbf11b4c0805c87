import type { ConsumerInfo, StoredMsg } from '@nats-io/jetstream';
import { ALL_FACTS, type Delivery } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { acknowledged } from './settle-consumers.js';

/** How far a consumer has come. */
export async function readDelivery(bus: Bus, info: ConsumerInfo): Promise<Delivery> {
  const { delivered, ack_floor: floor, num_pending: waiting, num_ack_pending: unacknowledged } = info;
  return {
    waiting,
    unacknowledged,
    deliveredNumber: delivered.stream_seq,
    acknowledgedNumber: acknowledged(info),
    deliveredAt: lastOf(delivered),
    acknowledgedAt: lastOf(floor),
    oldestAt: (await oldestUnacknowledged(bus, info).catch(() => undefined))?.time.toISOString() ?? null,
  };
}

/** NATS knows this only since it was started, to the nanosecond; other times have milliseconds. The type of the client library does not have it. */
function lastOf(position: object): string | null {
  const { last_active: last } = position as { last_active?: string };
  return last === undefined ? null : new Date(last).toISOString();
}

/** The first of a consumer's events that it has not acknowledged; undefined if it has acknowledged all. @throws Error if JetStream does not respond */
export async function oldestUnacknowledged(bus: Bus, info: ConsumerInfo): Promise<StoredMsg | undefined> {
  if (info.num_pending + info.num_ack_pending === 0) return undefined;
  const { config, stream_name: stream } = info;
  const seq = acknowledged(info) + 1;
  const subjects = config.filter_subjects ?? [config.filter_subject ?? ALL_FACTS];
  const first = await Promise.all(
    subjects.map((subject) => bus.manager.direct.getMessage(stream, { seq, next_by_subj: subject })),
  );
  return first.flatMap((message) => message ?? []).sort((a, b) => a.seq - b.seq)[0];
}

import type { ConsumerInfo } from '@nats-io/jetstream';
import { ALL_FACTS, AUDIT_STREAM, type Delivery } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { acknowledged } from './settle-consumers.js';

/** How far a consumer of the stream of facts has come. */
export async function readDelivery(bus: Bus, info: ConsumerInfo): Promise<Delivery> {
  const { delivered, ack_floor: floor, num_pending: waiting, num_ack_pending: unacknowledged } = info;
  return {
    waiting,
    unacknowledged,
    deliveredNumber: delivered.stream_seq,
    acknowledgedNumber: acknowledged(info),
    deliveredAt: lastOf(delivered),
    acknowledgedAt: lastOf(floor),
    oldestAt: waiting + unacknowledged === 0 ? null : await oldestAfter(bus, acknowledged(info), info),
  };
}

/** NATS knows this only since it was started. The type of the client library does not have it. */
const lastOf = (position: object): string | null => (position as { last_active?: string }).last_active ?? null;

/** When the first of a consumer's events after a number was stored. */
async function oldestAfter(bus: Bus, number: number, { config }: ConsumerInfo): Promise<string | null> {
  const subjects = config.filter_subjects ?? [config.filter_subject ?? ALL_FACTS];
  const first = await Promise.all(
    subjects.map((subject) =>
      bus.manager.direct.getMessage(AUDIT_STREAM, { seq: number + 1, next_by_subj: subject }).catch(() => null),
    ),
  );
  const times = first.flatMap((message) => (message === null ? [] : [message.time.getTime()]));
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}

import { AckPolicy, type Consumer, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { AUDIT_STREAM } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';

const DAY_NS = 24 * 3600 * 1e9;
const DUPLICATE_WINDOW_NS = 120 * 1e9;
const ACK_WAIT_NS = 30 * 1e9;
const DURABLE = 'records';

/**
 * Makes sure of the stream that keeps every fact: it refuses when full rather than dropping the oldest, and allows
 * neither delete nor purge. And of the consumer of this service, shared by its copies, without a limit on deliveries.
 */
export async function auditConsumer(bus: Bus, retentionDays: number): Promise<Consumer> {
  const { manager } = bus;
  const changeable = { subjects: ['audit.v1.>'], max_age: retentionDays * DAY_NS, duplicate_window: DUPLICATE_WINDOW_NS };
  const present = await manager.streams.info(AUDIT_STREAM).catch(() => undefined);
  if (!present) {
    await manager.streams.add({
      name: AUDIT_STREAM,
      ...changeable,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      deny_delete: true,
      deny_purge: true,
    });
  } else if (present.config.max_age !== changeable.max_age) {
    await manager.streams.update(AUDIT_STREAM, changeable);
  }
  const known = await manager.consumers.info(AUDIT_STREAM, DURABLE).catch(() => undefined);
  if (!known) {
    await manager.consumers.add(AUDIT_STREAM, {
      durable_name: DURABLE,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: ACK_WAIT_NS,
      max_deliver: -1,
      max_ack_pending: 5000,
    });
  }
  return bus.jetstream.consumers.get(AUDIT_STREAM, DURABLE);
}

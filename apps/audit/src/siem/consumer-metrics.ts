import type { DeliveryStatus } from '@sluice/contracts';
import { Gauge } from 'prom-client';

const lag = new Gauge({
  name: 'sluice_audit_consumer_lag',
  help: 'events of its stream that a reader has not acknowledged: records and ocsf are the audit service itself, the others are SIEM readers',
  labelNames: ['consumer'],
});
const oldest = new Gauge({
  name: 'sluice_audit_consumer_oldest_seconds',
  help: 'age of the oldest event of its stream that a reader has not acknowledged; 0 if there is none',
  labelNames: ['consumer'],
});

/** Updates the metrics of those who read streams of events. There are at most as many as there may be SIEM readers, and two. */
export function noteDeliveries(readers: DeliveryStatus['readers']): void {
  lag.reset();
  oldest.reset();
  for (const { name: consumer, delivery } of readers) {
    lag.set({ consumer }, delivery.waiting + delivery.unacknowledged);
    oldest.set({ consumer }, delivery.oldestAt === null ? 0 : Math.max(0, (Date.now() - Date.parse(delivery.oldestAt)) / 1000));
  }
}

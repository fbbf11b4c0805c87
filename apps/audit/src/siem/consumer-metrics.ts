import { AUDIT_METRICS, type DeliveryStatus } from '@sluice/contracts';
import { gaugeOf } from '@sluice/process';

const lag = gaugeOf(AUDIT_METRICS.consumerLag);
const oldest = gaugeOf(AUDIT_METRICS.consumerOldest);

/** Updates the metrics of those who read streams of events. There are at most as many as there may be SIEM readers, and two. */
export function noteDeliveries(readers: DeliveryStatus['readers']): void {
  lag.reset();
  oldest.reset();
  for (const { name: consumer, delivery } of readers) {
    lag.set({ consumer }, delivery.waiting + delivery.unacknowledged);
    oldest.set({ consumer }, delivery.oldestAt === null ? 0 : Math.max(0, (Date.now() - Date.parse(delivery.oldestAt)) / 1000));
  }
}

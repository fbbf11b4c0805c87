import type { Delivery } from './delivery.js';

/** An event that a reader has not acknowledged for this long says that the reader does not run; docs/siem.md has the same limit. */
const LATE_MS = 3_600_000;

/** Whether a reader of the stream follows it: `behind` if its oldest event has waited for longer than an hour. */
export type DeliveryState = 'up to date' | 'receiving' | 'behind' | 'unknown';

/** How a reader follows the stream. @param nowMs the present time, in milliseconds since 1970 */
export function deliveryState(delivery: Delivery | null, nowMs: number): DeliveryState {
  if (delivery === null) return 'unknown';
  if (delivery.waiting + delivery.unacknowledged === 0) return 'up to date';
  return delivery.oldestAt !== null && nowMs - Date.parse(delivery.oldestAt) > LATE_MS ? 'behind' : 'receiving';
}

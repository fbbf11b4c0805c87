import type { Delivery } from './delivery.js';

/** An event that a reader has not acknowledged for this long says that the reader does not run; docs/siem.md has the same limit. */
const LATE_MS = 3_600_000;

/** A reader that acknowledges nothing for this long although events wait receives none. */
const IDLE_MS = 5 * 60_000;

/**
 * Whether a reader of the stream follows it: `not receiving` if events have waited for five minutes in which it acknowledged none,
 * `behind` if the oldest has waited for longer than an hour.
 */
export type DeliveryState = 'up to date' | 'receiving' | 'not receiving' | 'behind' | 'unknown';

/** How a reader follows the stream. @param nowMs the present time, in milliseconds since 1970 */
export function deliveryState(delivery: Delivery | null, nowMs: number): DeliveryState {
  if (delivery === null) return 'unknown';
  if (delivery.waiting + delivery.unacknowledged === 0) return 'up to date';
  const waitedMs = delivery.oldestAt === null ? 0 : nowMs - Date.parse(delivery.oldestAt);
  if (waitedMs > LATE_MS) return 'behind';
  const idleMs = delivery.acknowledgedAt === null ? Infinity : nowMs - Date.parse(delivery.acknowledgedAt);
  return Math.min(waitedMs, idleMs) > IDLE_MS ? 'not receiving' : 'receiving';
}

import type { ReceivedAuditEvent } from '../reader/reader-events.js';

/** Divides events, in their order, into batches of at most so many bytes; an event that has more, or was postponed, is a batch by itself. */
export function batchesOf(events: readonly ReceivedAuditEvent[], maxBytes: number): ReceivedAuditEvent[][] {
  const batches: ReceivedAuditEvent[][] = [];
  let size = Infinity;
  for (const received of events) {
    const bytes = Buffer.byteLength(received.event.json);
    if (size + bytes > maxBytes || received.wasPostponed) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(received);
    size = received.wasPostponed ? Infinity : size + bytes;
  }
  return batches;
}

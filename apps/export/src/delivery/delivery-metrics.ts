import { EXPORT_METRICS } from '@sluice/contracts';
import { counterOf, gaugeOf } from '@sluice/process';

const delivered = counterOf(EXPORT_METRICS.delivered);
const failures = counterOf(EXPORT_METRICS.failures);
const lag = gaugeOf(EXPORT_METRICS.lag);
const lastSuccess = gaugeOf(EXPORT_METRICS.lastSuccess);

/** Counts events that the destination has taken. */
export function countDelivered(events: number): void {
  delivered.inc(events);
  lastSuccess.set(Date.now() / 1000);
}

/** Counts an attempt that failed. */
export const countFailure = (): void => failures.inc();

/** Notes how many events the reader has not acknowledged; -1 if that is not known. */
export const measureLag = (events: number): void => lag.set(events);

import { counter, gauge } from './metric.js';

/** Metrics of an export. */
export const EXPORT_METRICS = {
  delivered: counter('sluice_export_delivered_total', 'events that the destination has taken'),
  failures: counter('sluice_export_failures_total', 'attempts that failed and are made again'),
  lag: gauge(
    'sluice_export_lag',
    'events that the reader has not acknowledged, for all copies of this export together; -1: unknown',
  ),
  lastSuccess: gauge(
    'sluice_export_last_success_timestamp_seconds',
    'when the destination last took events, in seconds since 1970; 0: not since the process started',
  ),
  quarantined: counter('sluice_export_quarantined_total', 'events that the destination refused for good'),
  shortened: counter(
    'sluice_export_shortened_total',
    'events of which only id, type, time and number were sent, because they were too long for the destination',
  ),
} as const;

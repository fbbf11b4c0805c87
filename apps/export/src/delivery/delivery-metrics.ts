import { Counter, Gauge } from 'prom-client';

/** What is counted of deliveries. */
export const deliveryMetrics = {
  delivered: new Counter({ name: 'sluice_export_delivered_total', help: 'events that the destination has taken' }),
  failed: new Counter({ name: 'sluice_export_failures_total', help: 'attempts that failed and are made again' }),
  lag: new Gauge({
    name: 'sluice_export_lag',
    help: 'events that the reader has not acknowledged, for all copies of this export together; -1: unknown',
  }),
  lastSuccess: new Gauge({
    name: 'sluice_export_last_success_timestamp_seconds',
    help: 'when the destination last took events; 0: not since the process started',
  }),
} as const;

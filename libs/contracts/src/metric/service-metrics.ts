import { counter, flag, gauge } from './metric.js';

/** Services that have an operations port. */
export const METRIC_SERVICES = ['registry', 'gateway', 'relay', 'audit', 'health', 'export'] as const;

/** Metrics of every service, besides those of Node and the operating system. */
export const SERVICE_METRICS = {
  info: gauge('sluice_service_info', 'always 1: which service it is, its release, and the version of Node that runs it', {
    name: METRIC_SERVICES,
    release: { what: 'the release', atMost: 1 },
    runtime: { what: 'the version of Node', atMost: 1 },
  }),
  ready: flag('sluice_service_ready', 'whether the service can do its work now, as `/readyz` reports it'),
  degraded: gauge('sluice_service_degraded', 'how many degradations `/readyz` reports'),
  logLinesLost: counter('sluice_log_lines_lost_total', 'lines of the log that could not be written'),
} as const;

/** Metrics of every service that is connected to the bus. */
export const BUS_METRICS = {
  connected: flag('sluice_bus_connected', 'whether the connection to NATS is up'),
  disconnects: counter('sluice_bus_disconnects_total', 'how often the connection to NATS was lost'),
} as const;

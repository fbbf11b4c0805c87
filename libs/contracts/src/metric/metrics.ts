import { AUDIT_METRICS } from './audit-metrics.js';
import { EXPORT_METRICS } from './export-metrics.js';
import { GATEWAY_METRICS } from './gateway-metrics.js';
import { HEALTH_METRICS } from './health-metrics.js';
import type { Metric } from './metric.js';
import { REGISTRY_METRICS } from './registry-metrics.js';
import { RELAY_METRICS } from './relay-metrics.js';
import { BUS_METRICS, METRIC_SERVICES, SERVICE_METRICS } from './service-metrics.js';

const own: Record<(typeof METRIC_SERVICES)[number], object> = {
  registry: REGISTRY_METRICS,
  gateway: GATEWAY_METRICS,
  relay: RELAY_METRICS,
  audit: AUDIT_METRICS,
  health: HEALTH_METRICS,
  export: EXPORT_METRICS,
};

/** The metrics of Sluice that a service has at `/metrics`. Those of Node and the operating system come in addition. */
export const metricsOf = (service: (typeof METRIC_SERVICES)[number]): Metric[] =>
  [SERVICE_METRICS, BUS_METRICS, own[service]].flatMap((metrics) => Object.values(metrics) as Metric[]);

import type { LabelValues, Metric } from '../metric/metric.js';
import { metricsOf } from '../metric/metrics.js';
import { BUS_METRICS, METRIC_SERVICES, SERVICE_METRICS } from '../metric/service-metrics.js';

/** A metric that is not defined here, but by the library that counts: those of Node and the operating system. */
export interface ForeignMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

const INTRODUCTION = `# Metrics

<!-- Made by \`npm run openapi\` from libs/contracts/src/metric. Do not edit. -->

Every service has its metrics in the format of Prometheus at \`/metrics\` of its operations port: 9090 in images, otherwise the port in the log line \`started\`
(\`SLUICE_OPERATIONS_ADDRESS\`, [configuration.md](configuration.md)). Whoever reaches that port can read them, so do not publish it. The agent has none: it runs on users' machines.

* **Names are stable.** Within a major release metrics and values of labels are added, and none is renamed or removed without being deprecated for a release before.
* **The number of series is limited.** No label has an account, an address, a server or a session as its value. The columns say which values a label can have.
* Counters begin at 0 when a process starts: use \`rate\` or \`increase\`. Each copy of a service counts for itself, unless it says otherwise: sum over \`instance\`.
* A histogram NAME has the series \`NAME_bucket\`, \`NAME_sum\` and \`NAME_count\`.
* Alerts and dashboards that use them: [runbook.md](runbook.md). Scraping on Kubernetes: [kubernetes.md](kubernetes.md#monitoring); elsewhere: [deploy.md](deploy.md#monitoring).
`;

/** Markdown with all metrics of all services. @param foreign those of Node and the operating system, which every service has too */
export function metricsDocument(foreign: readonly ForeignMetric[]): string {
  const common = [SERVICE_METRICS, BUS_METRICS].flatMap((metrics) => Object.values(metrics) as Metric[]);
  const shared = new Set(common.map(({ name }) => name));
  const sections = METRIC_SERVICES.map((service) => {
    const own = metricsOf(service).filter(({ name }) => !shared.has(name));
    return section(title(service), own);
  });
  return [INTRODUCTION, section('Every service', common), ...sections, ofNode(foreign)].join('\n');
}

const title = (service: string): string => `${service.charAt(0).toUpperCase()}${service.slice(1)}`;

function section(heading: string, metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, type, unit, labelNames, labelValues, help }) => {
    const labels = labelNames.map((label) => `\`${label}\`: ${valuesText(labelValues[label])}`).join('; ');
    return `| \`${name}\` | ${type} | ${unit} | ${labels} | ${help} |`;
  });
  return `## ${heading}\n\n| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

function valuesText(values: LabelValues | undefined): string {
  if (values === undefined) return '';
  return 'what' in values ? values.what : values.map((value) => `\`${value}\``).join(', ');
}

function ofNode(foreign: readonly ForeignMetric[]): string {
  const rows = foreign.map(({ name, type, labelNames, help }) => {
    const labels = labelNames.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${labels} | ${help.replaceAll('|', ' ')} |`;
  });
  return `## Node and the operating system

Every service has these too. They are defined by the library \`prom-client\`, whose version is pinned. The delay of the event loop is that since the metrics were last read.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

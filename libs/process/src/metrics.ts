import type { Metric, MetricLabels } from '@sluice/contracts';
import { Counter, Gauge, Histogram, register } from 'prom-client';

/** The labels of one observation: each has one of the values that the definition of the metric lists. */
type Given<L extends MetricLabels> = {
  readonly [K in keyof L]: L[K] extends readonly (infer V)[] ? V : string | number;
};
type Observation<L extends MetricLabels> = keyof L extends never ? [value?: number] : [labels: Given<L>, value?: number];

/** What can be done with a counter. */
interface CounterOf<L extends MetricLabels> {
  inc(...observation: Observation<L>): void;
}
/** What can be done with a gauge. */
interface GaugeOf<L extends MetricLabels> {
  set(...observation: Observation<L>): void;
  reset(): void;
}
/** What can be done with a histogram. */
interface HistogramOf<L extends MetricLabels> {
  observe(...observation: Observation<L>): void;
}

/**
 * Makes the counter that a definition describes. If it has one label with listed values, it begins with 0 for each of them:
 * Prometheus does not see an increase if the first value is not 0.
 */
export function counterOf<L extends MetricLabels>(metric: Metric<L>): CounterOf<L> {
  const made = new Counter<string>(metric);
  const [label, ...others] = metric.labelNames;
  const values = label === undefined || others.length > 0 ? undefined : (metric.labelValues as MetricLabels)[label];
  if (label !== undefined && Array.isArray(values)) for (const value of values as string[]) made.inc({ [label]: value }, 0);
  return made as unknown as CounterOf<L>;
}

/** Makes the gauge that a definition describes. */
export const gaugeOf = <L extends MetricLabels>(metric: Metric<L>): GaugeOf<L> =>
  new Gauge<string>(metric) as unknown as GaugeOf<L>;

/** Makes the histogram that a definition describes. */
export const histogramOf = <L extends MetricLabels>(metric: Metric<L>): HistogramOf<L> =>
  new Histogram<string>(metric) as unknown as HistogramOf<L>;

/** Values that are read at a time: one, or several with their labels. */
type Readings<L extends MetricLabels> = keyof L extends never ? number : readonly (readonly [Given<L>, number])[];

/**
 * Makes a gauge or a counter whose values are read whenever `/metrics` is requested. If it is made again, what reads the values is
 * replaced.
 */
export function measure<L extends MetricLabels>(metric: Metric<L>, read: () => Readings<L> | Promise<Readings<L>>): void {
  register.removeSingleMetric(metric.name);
  const isCounter = metric.type === 'counter';
  const made = isCounter ? new Counter<string>({ ...metric, collect }) : new Gauge<string>({ ...metric, collect });
  async function collect(): Promise<void> {
    const readings = await read();
    made.reset();
    const add = (labels: Record<string, string | number>, value: number) =>
      made instanceof Counter ? made.inc(labels, value) : made.set(labels, value);
    if (typeof readings === 'number') return add({}, readings);
    for (const [labels, value] of readings as readonly (readonly [Record<string, string | number>, number])[]) add(labels, value);
  }
}

/** The values that a label can have: a list, or what they are and how many there can be at the same time. */
export type LabelValues = readonly string[] | { readonly what: string; readonly atMost: number };

/** The labels of a metric. None of them may be an account, an address or a session: their number has no limit. */
export type MetricLabels = Readonly<Record<string, LabelValues>>;

/** A metric that has no labels. */
export type NoLabels = Readonly<Record<never, LabelValues>>;

/** The definition of a metric, in the form in which the constructors of `prom-client` take it. */
export interface Metric<L extends MetricLabels = MetricLabels> {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What is measured: time, size, how many, or whether something holds (1) or not (0). */
  readonly unit: 'seconds' | 'bytes' | 'number' | 'yes or no';
  /** What it means, for operators. */
  readonly help: string;
  readonly labelNames: readonly Extract<keyof L, string>[];
  readonly labelValues: L;
  /** Upper bounds of a histogram. */
  readonly buckets?: number[];
}

/** The unit is in the name, as is usual for Prometheus. */
const unitOf = (name: string): Metric['unit'] =>
  /_seconds(_total)?$/.test(name) ? 'seconds' : /_bytes(_total)?$/.test(name) ? 'bytes' : 'number';

const define = <L extends MetricLabels>(type: Metric['type'], name: string, help: string, labels: L): Metric<L> => ({
  name,
  type,
  unit: unitOf(name),
  help,
  labelNames: Object.keys(labels) as Extract<keyof L, string>[],
  labelValues: labels,
});

/** A number that only grows while the process runs. */
export const counter = <const L extends MetricLabels = NoLabels>(name: string, help: string, labels: L = {} as L): Metric<L> =>
  define('counter', name, help, labels);

/** A number that grows and shrinks. */
export const gauge = <const L extends MetricLabels = NoLabels>(name: string, help: string, labels: L = {} as L): Metric<L> =>
  define('gauge', name, help, labels);

/** A gauge that is 1 or 0. */
export const flag = (name: string, help: string): Metric<NoLabels> => ({ ...gauge(name, help), unit: 'yes or no' });

/** How many observations lie below each bound, how many there were, and their sum. */
export const histogram = <const L extends MetricLabels = NoLabels>(
  name: string,
  help: string,
  buckets: number[],
  labels: L = {} as L,
): Metric<L> => ({ ...define('histogram', name, help, labels), buckets });

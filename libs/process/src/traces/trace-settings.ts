import { RELEASE } from '@sluice/domain';
import { z } from 'zod';
import { readEnvironment } from '../read-environment.js';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const url = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }).optional();
/** OTLP over HTTP with JSON is what we send. Other protocols are refused, rather than sent to a port that does not understand it. */
const protocol = z.literal('http/json', { error: 'is http/json, the only protocol that is supported' }).optional();

/** The variables that we read. Those of the exporter (headers, time limit, certificates, compression) are read by OpenTelemetry's own package. */
const Variables = z.object({
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], { error: 'is otlp or none' }).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_SERVICE_NAME: z.string().max(200).optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS, { error: `is one of ${SAMPLERS.join(', ')}` }).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number({ error: 'is a number from 0 to 1' }).min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(10).max(60_000).default(5000),
  OTEL_BSP_MAX_QUEUE_SIZE: z.coerce.number().int().min(1).max(100_000).default(2048),
  SLUICE_TRACES_PER_SECOND: z.coerce.number().int().min(1).max(100_000).default(100),
});

/** How a process traces. */
export interface TraceSettings {
  readonly serviceName: string;
  /** The version of this program. */
  readonly release: string;
  readonly sampler: (typeof SAMPLERS)[number];
  /** Part of the traces that a ratio sampler takes, 0 to 1. */
  readonly ratio: number;
  /** The maximum number of traces that begin or continue here in a second. */
  readonly tracesPerSecond: number;
  /** How long a finished span waits for others, in milliseconds. */
  readonly exportEveryMs: number;
  /** How many finished spans may wait; further ones are dropped. */
  readonly maxWaiting: number;
}

/** Reads the settings of traces from the environment. @returns undefined if traces are off, because no endpoint is set. @throws ConfigError */
export function readTraceSettings(service: string, env: NodeJS.ProcessEnv): TraceSettings | undefined {
  const given = readEnvironment(Variables, env);
  const endpoint = given.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? given.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isDisabled = given.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || given.OTEL_TRACES_EXPORTER === 'none';
  if (endpoint === undefined || isDisabled) return undefined;
  return {
    serviceName: given.OTEL_SERVICE_NAME ?? `sluice-${service}`,
    release: RELEASE,
    sampler: given.OTEL_TRACES_SAMPLER,
    ratio: given.OTEL_TRACES_SAMPLER_ARG,
    tracesPerSecond: given.SLUICE_TRACES_PER_SECOND,
    exportEveryMs: given.OTEL_BSP_SCHEDULE_DELAY,
    maxWaiting: given.OTEL_BSP_MAX_QUEUE_SIZE,
  };
}

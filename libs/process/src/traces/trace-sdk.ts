import { setTimeout as sleep } from 'node:timers/promises';
import { context, diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { LimitedLog } from '../limited-log.js';
import type { Log } from '../log.js';
import { LimitingSampler } from './limiting-sampler.js';
import type { TraceSettings } from './trace-settings.js';

/** An unreachable collector is logged once in this time, in milliseconds. */
const MENTION_EVERY_MS = 60_000;

/**
 * Registers OpenTelemetry's SDK, which sends spans in batches beside the work of the process: nothing waits for the collector, and what
 * it does not take is dropped. This is the only file that loads the SDK; it is loaded when traces are on (`startTraces`).
 * @returns what sends the last spans, within the given time
 */
export function registerSdk(settings: TraceSettings, log: Log, flushWithinMs: number): () => Promise<void> {
  const limited = new LimitedLog(log, 1, MENTION_EVERY_MS);
  const warn = (why: string) => limited.warn({ why: why.slice(0, 500) }, 'spans could not be sent to the collector');
  const nothing = () => undefined;
  diag.setLogger(
    { error: warn, warn, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const own = resourceFromAttributes({ 'service.name': settings.serviceName, 'service.version': settings.release });
  const provider = new TracerProvider({
    resource: detectResources({ detectors: [envDetector] }).merge(own),
    sampler: new LimitingSampler(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: settings.exportEveryMs,
        maxQueueSize: settings.maxWaiting,
        maxExportBatchSize: Math.min(512, settings.maxWaiting),
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const { sampler, ratio, tracesPerSecond } = settings;
  log.info({ sampler, ratio, tracesPerSecond, serviceName: settings.serviceName }, 'traces are on');
  return async () => {
    const flushed = provider.shutdown().catch((error: unknown) => warn(String(error)));
    await Promise.race([flushed, sleep(flushWithinMs, undefined, { ref: false })]);
  };
}

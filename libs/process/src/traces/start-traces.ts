import { turnOnSpans } from '@sluice/traces';
import type { Log } from '../log.js';
import type { TraceSettings } from './trace-settings.js';

/** How long a process that ends waits for its last spans to be sent, in milliseconds. */
const FLUSH_WITHIN_MS = 2000;

/** Traces of this process. */
export interface Traces {
  /** Sends the spans that have ended, if the collector takes them in time. It never rejects. */
  stop(): Promise<void>;
}

/** Starts traces, if they are on. Otherwise nothing of OpenTelemetry's SDK is loaded, and spans do nothing. */
export async function startTraces(settings: TraceSettings | undefined, log: Log): Promise<Traces> {
  if (!settings) return { stop: () => Promise.resolve() };
  const { registerSdk } = await import('./trace-sdk.js');
  const stop = registerSdk(settings, log, FLUSH_WITHIN_MS);
  turnOnSpans();
  return { stop };
}

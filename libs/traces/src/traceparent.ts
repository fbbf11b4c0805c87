import { isSpanContextValid, type Span, type SpanContext, trace, TraceFlags } from '@opentelemetry/api';

/** Version 00, the only one there is. Of the flags only `sampled` has a meaning for us. */
const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** Length of a `traceparent`, in characters. */
const LENGTH = 55;

/** The context that a `traceparent` names. @returns undefined if it is not exactly of the form that W3C defines */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  if (typeof text !== 'string' || text.length !== LENGTH) return undefined;
  const [, traceId, spanId, flags] = SHAPE.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

/** The `traceparent` that makes a span the parent of another process's. @returns undefined while traces are off */
export function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!isSpanContextValid({ traceId, spanId, traceFlags })) return undefined;
  return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
}

/** The `traceparent` of the active span. */
export function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan();
  return span && traceparentOf(span);
}

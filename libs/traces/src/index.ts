/**
 * Spans, through OpenTelemetry's API. Nothing is made of them until a process registers its SDK (`startTraces` in `@sluice/process`).
 *
 *   agent                      relay                      gateway                 registry, audit
 *     │ session open             │                          │ GET /api/v1/...        │
 *     │   take link              │                          │   registry users.list  │
 *     │   open ── `open` frame ─►│ session open             │     └─ NATS header ───►│ users.list
 *     │                          │   admit, connect, record │                        │
 *
 * The context between two processes is a `traceparent` of W3C and nothing else: no `tracestate`, no baggage, as nothing here would read them.
 * Attributes are ids and members of closed lists, never names, addresses or messages.
 */
export { contextOf } from './context-of.js';
export { inSpan, noteFailure, startSpan, turnOnSpans } from './in-span.js';
export { activeTraceparent, traceparentOf } from './traceparent.js';
export { fromUntrusted } from './untrusted.js';

import { type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { parseTraceparent } from './traceparent.js';
import { markUntrusted } from './untrusted.js';

/**
 * The context in which a peer's trace continues; without a well-formed `traceparent`, that of a new trace.
 * @param from whether somebody has authenticated the peer: only then does its trace decide whether ours is sampled
 */
export function contextOf(traceparent: unknown, from: 'authenticated' | 'anybody'): Context {
  const parent = parseTraceparent(traceparent);
  if (!parent) return ROOT_CONTEXT;
  const context = trace.setSpanContext(ROOT_CONTEXT, parent);
  return from === 'authenticated' ? context : markUntrusted(context);
}

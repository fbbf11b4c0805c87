import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { contextOf } from './context-of.js';
import { parseTraceparent, traceparentOf } from './traceparent.js';
import { fromUntrusted } from './untrusted.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const GOOD = `00-${TRACE}-${SPAN}-01`;

describe('a traceparent', () => {
  it('is read and written as W3C defines it', () => {
    expect(parseTraceparent(GOOD)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: TraceFlags.SAMPLED, isRemote: true });
    expect(parseTraceparent(GOOD.replace(/01$/, '00'))?.traceFlags).toBe(TraceFlags.NONE);
    const context = parseTraceparent(GOOD);
    expect(context && traceparentOf(trace.wrapSpanContext(context))).toBe(GOOD);
  });

  it('keeps of the flags only whether it is sampled', () => {
    expect(parseTraceparent(GOOD.replace(/01$/, 'ff'))?.traceFlags).toBe(TraceFlags.SAMPLED);
    expect(parseTraceparent(GOOD.replace(/01$/, 'fe'))?.traceFlags).toBe(TraceFlags.NONE);
  });

  it.each([
    undefined,
    null,
    1,
    {},
    [GOOD],
    '',
    ` ${GOOD}`,
    `${GOOD}\n`,
    `${GOOD}-more`,
    GOOD.toUpperCase(),
    GOOD.replace('00-', '01-'),
    GOOD.replace('00-', 'ff-'),
    GOOD.replace(TRACE, '0'.repeat(32)),
    GOOD.replace(SPAN, '0'.repeat(16)),
    GOOD.replace('4bf', 'xyz'),
    'x'.repeat(1_000_000),
  ])('of another form is ignored: %#', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
    expect(contextOf(text, 'authenticated')).toBe(ROOT_CONTEXT);
  });

  it('does not decide about sampling if nobody has authenticated the peer', () => {
    expect(fromUntrusted(contextOf(GOOD, 'anybody'))).toBe(true);
    expect(fromUntrusted(contextOf(GOOD, 'authenticated'))).toBe(false);
  });

  it('does not exist while traces are off', () => {
    expect(traceparentOf(trace.getTracer('sluice').startSpan('x'))).toBeUndefined();
  });
});

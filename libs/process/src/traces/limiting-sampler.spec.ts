import { type Context, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { contextOf } from '@sluice/traces';
import { expect, it } from 'vitest';
import { LimitingSampler } from './limiting-sampler.js';

const SPAN = '00f067aa0ba902b7';
/** An id that every ratio takes, and one that none but 1 takes. */
const [LOW, HIGH] = ['00000000000000000000000000000001', 'ffffffffffffffffffffffffffffffff'];

let nowMs = 0;
const sampler = (settings: Partial<ConstructorParameters<typeof LimitingSampler>[0]> = {}) =>
  new LimitingSampler({ sampler: 'parentbased_always_on', ratio: 1, tracesPerSecond: 1000, ...settings }, () => nowMs);
const decide = (by: LimitingSampler, context: Context, id = LOW): boolean =>
  by.shouldSample(context, id, 'x', SpanKind.INTERNAL, {}, []).decision === SamplingDecision.RECORD_AND_SAMPLED;
const count = (by: LimitingSampler, context: Context, id = LOW, times = 1000): number =>
  Array.from({ length: times }).filter(() => decide(by, context, id)).length;
const sampled = `00-${LOW}-${SPAN}-01`;
const notSampled = `00-${LOW}-${SPAN}-00`;

it('follows an authenticated peer, whatever it decided', () => {
  const off = sampler({ sampler: 'parentbased_always_off' });
  expect(decide(off, contextOf(sampled, 'authenticated'))).toBe(true);
  expect(decide(sampler(), contextOf(notSampled, 'authenticated'))).toBe(false);
});

it('does not follow a peer that nobody has authenticated', () => {
  const off = sampler({ sampler: 'parentbased_always_off' });
  expect(decide(off, contextOf(sampled, 'anybody'))).toBe(false);
  expect(decide(sampler(), contextOf(notSampled, 'anybody'))).toBe(true);
});

it.each(['traceidratio', 'parentbased_traceidratio'] as const)(
  'does not let such a peer choose an id that %s takes, or does not take',
  (name) => {
    for (const id of [LOW, HIGH]) {
      const taken = count(sampler({ sampler: name, ratio: 0.5 }), contextOf(`00-${id}-${SPAN}-01`, 'anybody'), id);
      expect(taken).toBeGreaterThan(350);
      expect(taken).toBeLessThan(650);
    }
  },
);

it('takes no more traces in a second than are configured, and then again', () => {
  const limited = sampler({ sampler: 'always_on', tracesPerSecond: 10 });
  nowMs = 1000;
  expect(count(limited, ROOT_CONTEXT)).toBe(10);
  expect(decide(limited, contextOf(sampled, 'authenticated'))).toBe(false);
  nowMs = 2000;
  expect(count(limited, contextOf(sampled, 'authenticated'))).toBe(10);
});

it('takes all spans of a trace that it has taken, and none of another, with every sampler', () => {
  const limited = sampler({ sampler: 'always_on', tracesPerSecond: 1 });
  const within = (traceFlags: TraceFlags) => trace.setSpanContext(ROOT_CONTEXT, { traceId: LOW, spanId: SPAN, traceFlags });
  nowMs = 3000;
  expect(count(limited, within(TraceFlags.SAMPLED))).toBe(1000);
  expect(count(limited, within(TraceFlags.NONE))).toBe(0);
});

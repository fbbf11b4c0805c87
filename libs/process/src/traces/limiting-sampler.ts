import { type Attributes, type Context, type Link, ROOT_CONTEXT, type SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { fromUntrusted } from '@sluice/traces';
import type { TraceSettings } from './trace-settings.js';

const SECOND_MS = 1000;

/**
 * Decides for each span that begins a trace here, or continues another process's, whether it is sampled; the spans below it follow.
 *
 *   no parent, or one of a peer that nobody has authenticated  ──► the configured sampler, as for a new trace
 *   a parent of an authenticated peer                          ──► the configured sampler, which may follow the parent
 *   sampled, but too many in this second                       ──► not sampled after all
 *
 * A peer that nobody has authenticated chooses the trace's id, so a ratio is not taken of that id but of a random one.
 */
export class LimitingSampler implements Sampler {
  private readonly configured: Sampler;
  private readonly ids = new RandomIdGenerator();
  private second = 0;
  private taken = 0;

  /** @param now a monotonic clock, in milliseconds */
  constructor(
    private readonly settings: Pick<TraceSettings, 'sampler' | 'ratio' | 'tracesPerSecond'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.configured = samplerOf(settings);
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const parent = trace.getSpanContext(context);
    if (parent && parent.isRemote !== true) {
      const isSampled = (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
      return { decision: isSampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
    }
    const [within, id] = fromUntrusted(context) ? [ROOT_CONTEXT, this.ids.generateTraceId()] : [context, traceId];
    const result = this.configured.shouldSample(within, id, name, kind, attributes, links);
    if (result.decision !== SamplingDecision.RECORD_AND_SAMPLED || this.take()) return result;
    return { decision: SamplingDecision.NOT_RECORD };
  }

  toString(): string {
    return `Limiting{${this.configured.toString()}, ${this.settings.tracesPerSecond}/s}`;
  }

  private take(): boolean {
    const second = Math.floor(this.now() / SECOND_MS);
    if (second !== this.second) {
      this.second = second;
      this.taken = 0;
    }
    return ++this.taken <= this.settings.tracesPerSecond;
  }
}

function samplerOf({ sampler, ratio }: Pick<TraceSettings, 'sampler' | 'ratio'>): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}

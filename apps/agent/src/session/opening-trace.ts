import { context, type Span, trace } from '@opentelemetry/api';
import { inSpan, noteFailure, startSpan, traceparentOf } from '@sluice/traces';

/**
 * The trace of a session's opening, from the client's connection to the relay's `opened`. It has two spans for each attempt:
 *
 *   session open ──┬── take link
 *                  └── open        the relay's spans continue here
 */
export class OpeningTrace {
  private readonly span: Span;
  private open: Span | undefined;
  private hasEnded = false;

  /** @param acceptedAt when the client's connection was accepted, milliseconds since 1970 */
  constructor(ids: { readonly requestId: string; readonly resourceId: string }, acceptedAt: number) {
    const attributes = { 'sluice.request.id': ids.requestId, 'sluice.resource.id': ids.resourceId };
    this.span = startSpan('session open', { attributes, startedAt: acceptedAt });
  }

  /** Does what belongs to the opening, so that log lines name the trace. */
  within<T>(work: () => T): T {
    return context.with(trace.setSpan(context.active(), this.span), work);
  }

  /** Waits for a link. */
  takeLink<T>(take: () => Promise<T>): Promise<T> {
    return this.within(() => inSpan('take link', {}, take));
  }

  /** Begins an attempt. @returns what `open` tells the relay */
  request(attempt: number): { traceparent?: string } {
    const span = this.within(() => startSpan('open', { kind: 'client', attributes: { 'sluice.attempt': attempt } }));
    const traceparent = traceparentOf(span);
    this.open = span;
    return traceparent === undefined ? {} : { traceparent };
  }

  /** Ends an attempt that did not lead to a session. */
  rejected(reason: string): void {
    if (this.open) noteFailure(this.open, reason, false);
    this.open?.end();
    this.open = undefined;
  }

  /** Ends the trace: the session is open. */
  opened(): void {
    this.open?.end();
    this.end();
  }

  /** Ends the trace: the client gets no session. */
  failed(reason: string): void {
    if (!this.hasEnded) noteFailure(this.span, reason, true);
    this.end();
  }

  private end(): void {
    if (!this.hasEnded) this.span.end();
    this.hasEnded = true;
  }
}

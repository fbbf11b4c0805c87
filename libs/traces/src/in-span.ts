import {
  type Attributes,
  context,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** What a span begins with. */
export interface SpanSettings {
  /** `server` answers another process, `client` waits for one; neither by default. */
  readonly kind?: 'server' | 'client';
  /** Ids and members of closed lists. Those that are undefined are left out. */
  readonly attributes?: Attributes;
  /** The active context unless it is given. */
  readonly parent?: Context;
  /** When it began, milliseconds since 1970, if that was before. */
  readonly startedAt?: number;
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;
/** Asked for at each span: the SDK, which is loaded later and beside the bundle, has a copy of the API of its own, and a tracer of ours would not learn of it. */
const tracer = () => trace.getTracer('sluice');

/** What stands for every span while traces are off: even those of the API that do nothing would take some microseconds of each session. */
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
let areOn = false;

/** Has spans made from now on: an SDK is registered. */
export function turnOnSpans(): void {
  areOn = true;
}

/** Starts a span, which the caller ends. It is not active: log lines do not name it. */
export function startSpan(name: string, { kind, attributes, parent, startedAt }: SpanSettings): Span {
  if (!areOn) return NO_SPAN;
  const options = {
    kind: kind === undefined ? SpanKind.INTERNAL : KINDS[kind],
    ...(attributes === undefined ? {} : { attributes }),
    ...(startedAt === undefined ? {} : { startTime: startedAt }),
  };
  return tracer().startSpan(name, options, parent ?? context.active());
}

/**
 * Does work in a span, which ends with it; if the work is a promise, when that is settled. If it fails, the span says with which
 * code; messages of errors stay out, because they contain names and addresses.
 */
export function inSpan<T>(name: string, settings: SpanSettings, work: (span: Span) => T): T {
  if (!areOn) return work(NO_SPAN);
  const span = startSpan(name, settings);
  const fail = (error: unknown): never => {
    noteFailure(span, typeOf(error), true);
    span.end();
    throw error;
  };
  let result: T;
  try {
    result = context.with(trace.setSpan(settings.parent ?? context.active(), span), () => work(span));
  } catch (error) {
    return fail(error);
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  const settled = result.then((value: unknown) => {
    span.end();
    return value;
  }, fail);
  return settled as T;
}

/** Has a span say that what it stands for failed, or was refused, and with which code. `isFault`: whether that is an error of its process. */
export function noteFailure(span: Span, code: string, isFault: boolean): void {
  span.setAttribute('error.type', code);
  if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The code of an error: a problem's, the system's, or the name of its class. */
function typeOf(error: unknown): string {
  const { code, problem, name } = error as { code?: unknown; problem?: { code?: unknown }; name?: unknown };
  return String(problem?.code ?? code ?? name ?? 'unknown').slice(0, 60);
}

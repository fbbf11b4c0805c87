import type { LoggerService } from '@nestjs/common';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type LogFn, pino } from 'pino';
import type { LogLevel } from './log-level.js';
import { LogOutput } from './log-output.js';

/** The log of a process: JSON lines on standard output. It is a class so that Nest can inject it by its type. */
export abstract class Log {
  abstract level: string;
  abstract fatal: LogFn;
  abstract error: LogFn;
  abstract warn: LogFn;
  abstract info: LogFn;
  abstract debug: LogFn;
}

const STANDARD_OUTPUT = 1;
let standardOutput: LogOutput | undefined;

/** Creates the log of a service. A line names the span that is active. Secrets are never passed to it; as a safety net, fields with known names are removed. A line that cannot be written is dropped. */
export const createLog = (service: string, level: LogLevel = 'info'): Log =>
  pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: activeSpan,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['*.token', '*.password', '*.secret', '*.seed', '*.jwt', 'token', 'password', 'secret'], censor: '[cut]' },
    },
    (standardOutput ??= new LogOutput(STANDARD_OUTPUT)),
  );

/** The active span, whose ids lead from a line to its trace. */
function activeSpan(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** Gives Nest the same log. */
export const nestLog = (log: Log): LoggerService => {
  const write =
    (level: 'info' | 'error' | 'warn' | 'debug') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = rest.at(-1);
      log[level]({ context: typeof context === 'string' ? context : undefined }, String(message));
    };
  return {
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('debug'),
    fatal: write('error'),
  };
};

import type { Log } from './log.js';

/**
 * Logs events that others can cause at will, with a limited number of lines in a time window: further ones are counted, and
 * the count is logged when the window ends. So nobody can fill a disk with refused connections.
 */
export class LimitedLog {
  private lines = 0;
  private left = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: Log,
    private readonly max = 20,
    private readonly windowMs = 10_000,
  ) {}

  info(fields: Record<string, unknown>, message: string): void {
    this.take('info', fields, message);
  }

  warn(fields: Record<string, unknown>, message: string): void {
    this.take('warn', fields, message);
  }

  error(fields: Record<string, unknown>, message: string): void {
    this.take('error', fields, message);
  }

  private take(level: 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void {
    this.timer ??= setTimeout(() => this.end(level, message), this.windowMs).unref();
    if (this.lines++ < this.max) return this.log[level](fields, message);
    this.left++;
  }

  private end(level: 'info' | 'warn' | 'error', message: string): void {
    if (this.left > 0) this.log[level]({ notLogged: this.left, seconds: this.windowMs / 1000 }, `${message}; more like this`);
    this.lines = 0;
    this.left = 0;
    this.timer = undefined;
  }
}

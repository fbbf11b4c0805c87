import { write, writeSync } from 'node:fs';
import { SERVICE_METRICS } from '@sluice/contracts';
import { counterOf } from './metrics.js';

/** Maximum bytes of lines that wait for a slow reader; further lines are dropped and counted. */
const MAX_WAITING = 1024 * 1024;
const RETRY_MS = 100;
/** Errors of a full pipe, which is tried again; a full disk, or a reader that is gone, is not. */
const BUSY = ['EAGAIN', 'EBUSY'];

const linesLost = counterOf(SERVICE_METRICS.logLinesLost);

/**
 * Where a log's lines are written. Failures there never affect the process: a line that cannot be written is dropped and counted,
 * nothing waits for it, and the next line that is written is preceded by one that says how many are missing.
 */
export class LogOutput {
  private waiting: string[] = [];
  private waitingBytes = 0;
  private writing = false;
  private lost = 0;
  /** Whether the last line was cut off, so that the next one must begin with a line break. */
  private torn = false;

  /** @param fd the descriptor of a file, a pipe or a terminal */
  constructor(private readonly fd: number) {
    process.once('exit', () => this.writeLast());
  }

  /** Writes a line, which includes its line break. */
  write(line: string): void {
    if (this.waitingBytes + line.length > MAX_WAITING) return this.lose(1);
    this.waitingBytes += line.length;
    this.waiting.push(line);
    if (!this.writing) this.writeNext();
  }

  private writeNext(): void {
    this.writing = this.waiting.length > 0;
    if (!this.writing) return;
    const missing = this.lost;
    const notice = Buffer.from(this.notice());
    const bytes = Buffer.concat([notice, Buffer.from(this.take())]);
    const rest = (from: number): void =>
      write(this.fd, bytes, from, (error, written) => {
        if (error && BUSY.includes(error.code ?? '')) return void setTimeout(() => rest(from), RETRY_MS).unref();
        if (error) {
          this.torn ||= from > 0;
          this.lost += missing;
          this.lose(linesIn(bytes.subarray(Math.max(from, notice.length))));
        } else {
          if (from + written < bytes.length) return rest(from + written);
          this.torn = false;
        }
        this.writeNext();
      });
    rest(0);
  }

  /** Called when the process ends: tries the waiting lines once. Node completes a write in progress before it exits. */
  private writeLast(): void {
    if (this.waiting.length === 0 && this.lost === 0) return;
    try {
      writeSync(this.fd, this.notice() + this.take());
    } catch {
      // nobody can be notified any more
    }
  }

  private take(): string {
    const text = this.waiting.join('');
    this.waiting = [];
    this.waitingBytes = 0;
    return text;
  }

  /** What precedes the next line: how many are missing. */
  private notice(): string {
    const notice = {
      level: 'error',
      time: new Date(),
      pid: process.pid,
      lines: this.lost,
      msg: 'lines could not be written here',
    };
    const line = this.lost > 0 ? `${JSON.stringify(notice)}\n` : '';
    this.lost = 0;
    return (this.torn ? '\n' : '') + line;
  }

  private lose(lines: number): void {
    this.lost += lines;
    linesLost.inc(lines);
  }
}

const linesIn = (bytes: Buffer): number => bytes.filter((byte) => byte === 0x0a).length;

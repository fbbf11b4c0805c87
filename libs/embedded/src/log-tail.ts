import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** A person reads so many lines at most, and we so many bytes for them. */
const LINES = 5;
const BYTES = 64 * 1024;

/** What is added to a log file from now on. */
export class LogTail {
  private readonly from: number;

  constructor(private readonly file: string) {
    this.from = statSync(file).size;
  }

  /**
   * Why the process that writes it ended, in its own words: the plain lines among them, or else what it logged as fatal.
   * @param reason what such a reason looks like, where the process has a way of its own to say it
   */
  lastReason(reason?: RegExp): string {
    const lines = this.read()
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
    const said = reason && lines.flatMap((line) => reason.exec(line)?.[0] ?? []).at(-1);
    if (said !== undefined) return said;
    const plain = lines.filter((line) => !line.startsWith('{')).slice(-LINES);
    return plain.length > 0 ? plain.join('\n') : (lines.flatMap(fatalReason).at(-1) ?? '');
  }

  private read(): string {
    let file: number;
    try {
      file = openSync(this.file, 'r');
    } catch {
      return ''; // somebody has removed it
    }
    try {
      const { size } = fstatSync(file);
      const from = Math.max(size < this.from ? 0 : this.from, size - BYTES); // it may have been rotated
      const text = Buffer.alloc(size - from);
      return text.toString('utf8', 0, readSync(file, text, 0, text.length, from));
    } finally {
      closeSync(file);
    }
  }
}

/** The reason in a line of a service's log that is fatal. */
function fatalReason(line: string): string[] {
  try {
    const { level, why, err, msg } = JSON.parse(line) as {
      level?: string;
      why?: string;
      err?: { message?: string };
      msg?: string;
    };
    return level === 'fatal' ? [why ?? err?.message ?? msg ?? ''] : [];
  } catch {
    return []; // cut in the middle
  }
}

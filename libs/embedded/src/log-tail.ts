import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { parseJson } from '@sluice/domain';

/** How many lines are shown at most, and how many bytes are read for them. */
const LINES = 5;
const BYTES = 64 * 1024;

/** What is appended to a log file from now on. */
export class LogTail {
  private readonly from: number;

  constructor(private readonly file: string) {
    this.from = statSync(file).size;
  }

  /**
   * Why the process that writes the log ended, from its own messages: its plain lines, or otherwise what it logged as fatal.
   * @param reason matches the lines with the reason, if the process has a specific format for it
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
      return ''; // the file was removed
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

/** The reason in a fatal line of a service's log. */
function fatalReason(line: string): string[] {
  const parsed = parseJson(line) as { level?: string; why?: string; err?: { message?: string }; msg?: string } | null | undefined;
  return parsed?.level === 'fatal' ? [parsed.why ?? parsed.err?.message ?? parsed.msg ?? ''] : [];
}

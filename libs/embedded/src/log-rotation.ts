import { copyFile, readdir, stat, truncate } from 'node:fs/promises';
import path from 'node:path';

/** Size in bytes at which a log file is rotated. */
export const LOG_BYTES = 10 * 1024 * 1024;
const CHECK_MS = 5000;

/**
 * Limits the size of an installation's log files: one that exceeds the limit is copied to `NAME.1`, which replaces the
 * previous one, and truncated. The writer has it open for appending, so it continues at the beginning without being
 * notified. Lines written between the copy and the truncation are lost: logs are for people, evidence is elsewhere.
 */
export class LogRotation {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private checking = Promise.resolve();

  /** @param folders where to look for files that end in `.log` */
  constructor(
    private readonly folders: readonly string[],
    private readonly limitBytes: number,
    private readonly say: (line: string) => void,
  ) {}

  /** Checks now and every few seconds until stopped. */
  start(): void {
    this.checking = this.check().finally(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.start(), CHECK_MS).unref();
    });
  }

  /** Stops it. Resolves when no file is being rotated any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.checking;
  }

  /** Rotates each file that exceeds the limit. Never rejects: failures are reported. */
  async check(): Promise<void> {
    for (const folder of this.folders) {
      const names = await readdir(folder).catch(() => []);
      for (const name of names.filter((each) => each.endsWith('.log'))) await this.rotate(path.join(folder, name));
    }
  }

  private async rotate(file: string): Promise<void> {
    try {
      if ((await stat(file)).size <= this.limitBytes) return;
      // if there is no space for a copy, truncating the file is even more important
      await copyFile(file, `${file}.1`).catch((error: unknown) =>
        this.say(`${file} is truncated without a copy: ${String(error)}`),
      );
      await truncate(file);
    } catch (error) {
      this.say(`${file} could not be rotated: ${String(error)}`);
    }
  }
}

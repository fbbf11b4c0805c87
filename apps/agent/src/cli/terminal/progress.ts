/** Work that is done within this says nothing, in milliseconds. */
const QUIET_MS = 1000;
const EVERY_MS = 250;
const CLEAR_LINE = '\r\u001b[2K';

/** Where progress is shown. */
export type ProgressScreen = NodeJS.WritableStream & { readonly isTTY?: boolean };

/**
 * Shows on a terminal that a command is at work, and for how long, once that takes more than a second. It is one line, which
 * goes when there is something to say.
 */
export class Progress {
  private timer: NodeJS.Timeout | undefined;
  private shown = false;
  private readonly startedAt = Date.now();

  private constructor(
    private what: string,
    private readonly screen: ProgressScreen,
  ) {}

  /** Begins. @param what the work, in words */
  static start(what: string, screen: ProgressScreen = process.stderr): Progress {
    const progress = new Progress(what, screen);
    progress.resume();
    return progress;
  }

  /** Says what is done now. */
  now(what: string): void {
    this.what = what;
  }

  /** Goes on, after `pause`. */
  resume(): void {
    if (this.screen.isTTY !== true) return;
    this.timer = setInterval(() => this.show(), EVERY_MS).unref();
  }

  /** Takes the line away: something else is to be printed, or somebody is asked. */
  pause(): void {
    clearInterval(this.timer);
    if (this.shown) this.screen.write(CLEAR_LINE);
    this.shown = false;
  }

  private show(): void {
    const ms = Date.now() - this.startedAt;
    if (ms < QUIET_MS) return;
    this.shown = true;
    this.screen.write(`${CLEAR_LINE}${this.what} ... ${Math.floor(ms / 1000)} s`);
  }
}

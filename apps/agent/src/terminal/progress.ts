/** Nothing is shown for work that takes less than this, in milliseconds. */
const QUIET_MS = 1000;
const EVERY_MS = 250;
const CLEAR_LINE = '\r\u001b[2K';

/** Where progress is shown. */
export type ProgressScreen = NodeJS.WritableStream & { readonly isTTY?: boolean };

/**
 * Shows on a terminal what a command is doing, and for how long, once that takes more than a second. It is a single line,
 * which is cleared when something else is printed.
 */
export class Progress {
  private timer: NodeJS.Timeout | undefined;
  private shown = false;
  private readonly startedAt = Date.now();

  private constructor(
    private what: string,
    private readonly screen: ProgressScreen,
  ) {}

  /** Starts showing progress. @param what a description of the work */
  static start(what: string, screen: ProgressScreen = process.stderr): Progress {
    const progress = new Progress(what, screen);
    progress.resume();
    return progress;
  }

  /** Changes the description to what is being done now. */
  now(what: string): void {
    this.what = what;
  }

  /** Continues after `pause`. */
  resume(): void {
    if (this.screen.isTTY !== true) return;
    this.timer = setInterval(() => this.show(), EVERY_MS).unref();
  }

  /** Clears the line, because something else is to be printed or asked. */
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

/** Lets a loop wait for its interval or for a call, whichever comes first. A call that arrives while the loop is working ends its next wait. */
export class WakeUp {
  private called = false;
  private resume: () => void = () => undefined;

  /** Ends the current wait, or the next one. */
  call(): void {
    this.called = true;
    this.resume();
  }

  /** Resolves after `ms` milliseconds, or at once if there was a call since the last wait. */
  async wait(ms: number): Promise<void> {
    if (!this.called) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.called = false;
  }
}

/** Lets a loop wait for its interval or for a call, whichever comes first; a call that comes while the loop works is not forgotten. */
export class WakeUp {
  private called = false;
  private resume: () => void = () => undefined;

  /** Ends the wait that is under way, or the next one. */
  call(): void {
    this.called = true;
    this.resume();
  }

  /** Resolves after `ms` milliseconds, or at once when there was a call since the last wait. */
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

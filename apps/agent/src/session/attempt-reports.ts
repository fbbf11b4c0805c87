import { ApiError, type SluiceClient, unwrap } from '@sluice/sdk';
import type { Log } from '@sluice/process';
import type { UnansweredAttempt } from './connect-session.js';

/** Attempts that are remembered; of more, the oldest are forgotten. */
const MOST_WAITING = 1000;

/**
 * Attempts that no relay answered, until the API has taken them: where no gateway could be reached, the API is often away
 * too. One that is sent again after an answer that was lost counts once. They are of one login, and reported as that one.
 */
export class AttemptReports {
  private readonly waiting: UnansweredAttempt[] = [];
  private sending = false;

  constructor(
    private readonly client: SluiceClient,
    private readonly log: Log,
    private readonly mostWaiting = MOST_WAITING,
  ) {}

  add(attempt: UnansweredAttempt): void {
    this.waiting.push(attempt);
    const forgotten = this.waiting.length > this.mostWaiting ? this.waiting.shift() : undefined;
    if (forgotten) this.log.warn({ requestId: forgotten.requestId }, 'too many attempts wait to be reported: one is forgotten');
    void this.send();
  }

  /** Sends what waits, in order, until there is no answer. */
  async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (let attempt = this.waiting[0]; attempt; attempt = this.waiting[0]) {
      if (!(await this.isSettled(attempt))) break;
      const at = this.waiting.indexOf(attempt);
      if (at >= 0) this.waiting.splice(at, 1);
    }
    this.sending = false;
  }

  /** Whether there is no more to do about an attempt: it was taken, or will never be. */
  private async isSettled(attempt: UnansweredAttempt): Promise<boolean> {
    const headers = { 'Idempotency-Key': `${attempt.requestId}-${attempt.attempt}` };
    try {
      await unwrap(this.client.POST('/api/v1/me/attempts', { body: attempt, params: { header: headers } }));
      return true;
    } catch (err) {
      const status = err instanceof ApiError ? err.status : 0;
      if (status === 0 || status === 429 || status >= 500) return false;
      this.log.warn({ err, requestId: attempt.requestId }, 'an attempt could not be reported');
      return true;
    }
  }
}

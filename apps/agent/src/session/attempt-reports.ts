import { ApiError, type SluiceClient, unwrap } from '@sluice/sdk';
import type { Log } from '@sluice/process';
import type { UnansweredAttempt } from './connect-session.js';

/** How many attempts may wait to be reported; beyond that the oldest are dropped. */
const MAX_WAITING = 1000;

/**
 * Keeps attempts that no relay answered until the API has accepted them: when no gateway could be reached, the API is often
 * unreachable too. Each has an idempotency key, so that one whose response was lost can be sent again. All belong to one
 * login and are reported under it.
 */
export class AttemptReports {
  private readonly waiting: UnansweredAttempt[] = [];
  private sending = false;

  constructor(
    private readonly client: SluiceClient,
    private readonly log: Log,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  add(attempt: UnansweredAttempt): void {
    this.waiting.push(attempt);
    const dropped = this.waiting.length > this.maxWaiting ? this.waiting.shift() : undefined;
    if (dropped)
      this.log.warn({ requestId: dropped.requestId }, 'too many attempts are waiting to be reported; the oldest was dropped');
    void this.send();
  }

  /** Sends the waiting attempts in order, and stops at the first that must be retried later. */
  async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (let attempt = this.waiting[0]; attempt; attempt = this.waiting[0]) {
      if (!(await this.needsNoRetry(attempt))) break;
      const at = this.waiting.indexOf(attempt);
      if (at >= 0) this.waiting.splice(at, 1);
    }
    this.sending = false;
  }

  /** Whether an attempt needs no retry, because the API has accepted it or has rejected it permanently. */
  private async needsNoRetry(attempt: UnansweredAttempt): Promise<boolean> {
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

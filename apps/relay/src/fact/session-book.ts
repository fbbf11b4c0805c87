import {
  FACT_LIMITS,
  type RelayStarted,
  relayStartedSubject,
  SessionCheckpoint,
  type SessionClosed,
  sessionFactSubject,
  type SessionOpened,
  type AttemptEnded,
} from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { Log } from '@sluice/process';
import type { RelayConfig } from '../config.js';
import type { FactPublisher } from '../journal/fact-publisher.js';
import type { Journal } from '../journal/journal.js';
import { AttemptBudget } from '../attempt/attempt-budget.js';
import { nameText } from './fact-text.js';

/** Share of the journal that is reserved for the ends of open sessions. */
const RESERVE = 0.1;
const EPHEMERAL_ACK_MS = 5000;

/** Writes all facts about this relay's sessions. */
export class SessionBook {
  private readonly refusals = this.budget('refused');
  private readonly failures = this.budget('failed');

  constructor(
    private readonly journal: Journal,
    private readonly publisher: FactPublisher,
    private readonly bus: Bus,
    private readonly config: Pick<RelayConfig, 'journal' | 'journalLimitBytes'>,
    private readonly relay: { id: string; name: string; cluster: string },
    private readonly log: Log,
  ) {}

  /** Begins a run: writes `started` for a new incarnation, and closes the sessions that the previous run left open. */
  async begin(): Promise<void> {
    if (this.journal.fresh) {
      const data: RelayStarted = {
        relay: { id: this.relay.id, name: nameText(this.relay.name) },
        cluster: this.relay.cluster,
        journal: this.config.journal,
        before: this.journal.before ?? null,
      };
      await this.journal.append(relayStartedSubject(this.relay.cluster, this.relay.id), undefined, data, new Date());
    }
    for (const { opened, checkpoint } of this.journal.openSessions) {
      await this.closed(opened.resource.id, {
        sessionId: opened.sessionId,
        endReason: 'relay lost',
        message: 'the relay stopped before the session ended; the figures are those of its last checkpoint',
        endedAt: checkpoint?.at ?? opened.startedAt,
        durationMs: checkpoint?.durationMs ?? 0,
        bytesUp: checkpoint?.bytesUp ?? 0,
        bytesDown: checkpoint?.bytesDown ?? 0,
        exactness: 'at least',
        agent: null,
        endedBy: null,
        revocationMs: null,
      });
    }
  }

  /** Whether the journal allows another session to be opened. */
  get room(): 'yes' | 'journal full' | 'journal failed' {
    if (this.journal.failed) return 'journal failed';
    return this.journal.backlogBytes > this.config.journalLimitBytes * (1 - RESERVE) ? 'journal full' : 'yes';
  }

  /**
   * Records that a session is open.
   * @returns true when the fact cannot be lost any more; false when it is in an ephemeral journal and JetStream has not
   * acknowledged it, in which case the caller must record an end too. @throws Error when the journal has failed
   */
  async opened(data: SessionOpened): Promise<boolean> {
    const subject = this.subject('opened', data.resource.id);
    const fact = await this.journal.append(subject, data.sessionId, data, new Date());
    return this.config.journal === 'persistent' || this.publisher.published(fact.number, AbortSignal.timeout(EPHEMERAL_ACK_MS));
  }

  /** Records how an open session ended. Resolves when that is durable. */
  async closed(resourceId: string, data: SessionClosed): Promise<void> {
    await this.write('closed', resourceId, data.sessionId, data);
  }

  /**
   * Records the bytes so far. They are written to the journal before they are published, so that a replay never has less than
   * what was published. If the bus is unavailable they are not published.
   */
  async checkpoint(resourceId: string, data: SessionCheckpoint): Promise<void> {
    const subject = this.subject('checkpoint', resourceId);
    try {
      const bytes = await this.journal.checkpoint(subject, data, new Date());
      if (this.bus.connected) await this.bus.publishFact(subject, bytes);
    } catch {
      // the next checkpoint supersedes this one, and a failed journal ends the session
    }
  }

  /** Records an attempt that a relay refused. */
  refused(data: AttemptEnded): void {
    this.refusals.take(data);
  }

  /** Records an attempt that failed to connect. */
  failed(data: AttemptEnded): void {
    this.failures.take(data);
  }

  /** Writes the attempts that were only counted so far. No more are counted after that. */
  stopCounting(): void {
    this.refusals.stop();
    this.failures.stop();
  }

  /** Ends the run: publishes what is not published yet if the bus is available, and closes the journal. */
  async end(publishWithinMs: number): Promise<void> {
    await this.publisher.flush(publishWithinMs);
    this.publisher.stop();
    await this.journal.close();
  }

  /** A budget whose attempts never use the reserve of the journal. */
  private budget(kind: 'refused' | 'failed'): AttemptBudget {
    const record = (attempt: AttemptEnded) => {
      const data = { ...attempt, repeats: Math.min(attempt.repeats, FACT_LIMITS.repeats) };
      void this.write(kind, data.resource.id, data.sessionId, data);
    };
    return new AttemptBudget(record, () => this.room === 'yes');
  }

  private subject(kind: 'opened' | 'closed' | 'checkpoint' | 'refused' | 'failed', resourceId: string): string {
    return sessionFactSubject(kind, this.relay.cluster, this.relay.id, resourceId);
  }

  private async write(
    kind: 'closed' | 'refused' | 'failed',
    resourceId: string,
    sessionId: string,
    data: unknown,
  ): Promise<void> {
    try {
      await this.journal.append(this.subject(kind, resourceId), sessionId, data, new Date(), false);
    } catch (error) {
      this.log.fatal({ err: error, sessionId, kind }, 'the journal has failed: this end could not be recorded');
    }
  }
}

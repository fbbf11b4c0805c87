import {
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

/** Free room in the journal that only the ends of open sessions may use. */
const RESERVE = 0.1;
const EPHEMERAL_ACK_MS = 5000;

/** Writes the facts of this relay's sessions: everything that is ever said of a session goes through here. */
export class SessionBook {
  private readonly refusals = this.budget('refused');
  private readonly failures = this.budget('failed');

  constructor(
    private readonly journal: Journal,
    private readonly publisher: FactPublisher,
    private readonly bus: Bus,
    private readonly config: RelayConfig,
    private readonly relay: { id: string; name: string; cluster: string },
    private readonly log: Log,
  ) {}

  /** Begins a run: says `started` for a new incarnation, and ends the sessions that the last run left open. */
  async begin(): Promise<void> {
    if (this.journal.fresh) {
      const data: RelayStarted = {
        relay: { id: this.relay.id, name: nameText(this.relay.name) },
        cluster: this.relay.cluster,
        journal: this.config.journal,
      };
      await this.journal.append(relayStartedSubject(this.relay.cluster, this.relay.id), undefined, data, new Date());
    }
    for (const { opened, checkpoint } of this.journal.openSessions) {
      await this.closed(opened.resource.id, {
        sessionId: opened.sessionId,
        endReason: 'relay lost',
        message: 'the relay ended without an end of the session; figures are of its last checkpoint',
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

  /** Whether a session may be opened as far as the journal goes. */
  get room(): 'yes' | 'journal full' | 'journal failed' {
    if (this.journal.failed) return 'journal failed';
    return this.journal.backlogBytes > this.config.journalLimitBytes * (1 - RESERVE) ? 'journal full' : 'yes';
  }

  /**
   * Records that a session is open. @returns true when that cannot be lost any more; false where it is in an ephemeral journal
   * and JetStream has not acknowledged it: its end must be recorded too. @throws Error when the journal has failed
   */
  async opened(data: SessionOpened): Promise<boolean> {
    const subject = this.subject('opened', data.resource.id);
    const fact = await this.journal.append(subject, data.sessionId, data, new Date());
    return this.config.journal === 'persistent' || this.publisher.published(fact.number, AbortSignal.timeout(EPHEMERAL_ACK_MS));
  }

  /** Records how an open session ended. */
  async closed(resourceId: string, data: SessionClosed): Promise<void> {
    await this.write('closed', resourceId, data.sessionId, data);
  }

  /**
   * Records bytes so far: durable first, so that a replay never has less than what was published, then published when the bus
   * is there.
   */
  async checkpoint(resourceId: string, data: SessionCheckpoint): Promise<void> {
    const subject = this.subject('checkpoint', resourceId);
    try {
      const bytes = await this.journal.checkpoint(subject, data, new Date());
      if (this.bus.connected) await this.bus.publishFact(subject, bytes);
    } catch {
      // the next one says more; a journal that has failed ends the session
    }
  }

  /** Records an attempt that a relay refused. */
  refused(data: AttemptEnded): void {
    this.refusals.take(data);
  }

  /** Records an attempt that did not connect. */
  failed(data: AttemptEnded): void {
    this.failures.take(data);
  }

  /** Ends the run: what is counted is written, what is written is published if the bus is there. */
  async end(publishWithinMs: number): Promise<void> {
    this.refusals.stop();
    this.failures.stop();
    await this.publisher.flush(publishWithinMs);
    this.publisher.stop();
    await this.journal.close();
  }

  /** Attempts never use the room that is kept for the ends of sessions. */
  private budget(kind: 'refused' | 'failed'): AttemptBudget {
    const record = (data: AttemptEnded) => void this.write(kind, data.resource.id, data.sessionId, data);
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
      await this.journal.append(this.subject(kind, resourceId), sessionId, data, new Date());
    } catch (error) {
      this.log.fatal({ err: error, sessionId, kind }, 'the journal has failed: this end is known only from the last checkpoint');
    }
  }
}

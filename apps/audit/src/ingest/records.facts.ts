import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { Presence, presentNode, RELAY_PRESENCE, relaySubjects } from '@sluice/contracts';
import { Bus, FactChain } from '@sluice/messaging';
import { Log } from '@sluice/process';
import type { ReportsReadiness } from '@sluice/process/nest';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import type { Progress } from '../chain/advance-chains.js';
import { AuditConfig } from '../config.js';
import { closeGaps } from '../integrity/close-gaps.js';
import { publishIntegrity } from '../integrity/publish-integrity.js';
import { presumeEnded } from '../presumption/presume-ended.js';
import { RelaySilence } from '../presumption/relay-silence.js';
import { HeavyAuthors } from '../traffic/heavy-authors.js';
import { SessionChanges } from '../session/session-changes.js';
import { auditConsumer, goBackTo, lookAtStream, type StreamView } from './audit-stream.js';
import { storeFacts } from './store-facts.js';
import { storedPosition } from './stream-position.js';
import { StreamUsage } from './stream-usage.js';

const BATCH = 500;
/** Facts received within this time share a transaction: records appear a moment later, but cost much less to store. */
const LINGER_MS = 100;
const RETRY_MS = 500;
const FETCH_EXPIRES_MS = 2000;
const TEND_EVERY_MS = 2000;
const LISTEN_EVERY_MS = 2000;

const stored = new Counter({ name: 'sluice_audit_facts_total', help: 'facts received from the stream', labelNames: ['result'] });
const gaps = new Counter({
  name: 'sluice_audit_gaps_total',
  help: 'gaps of chains that were given up because their facts never arrived',
});
const presumed = new Counter({
  name: 'sluice_audit_presumed_total',
  help: 'sessions presumed ended because their relay was lost',
});

/**
 * Receives facts and stores them: fetches a batch, commits it, acknowledges it, and publishes to each relay how far its facts
 * are stored. While the database is unreachable nothing is acknowledged, and JetStream delivers the same facts again, without
 * a limit on deliveries, so that none is lost.
 */
@Injectable()
export class RecordsFacts implements OnApplicationBootstrap, BeforeApplicationShutdown, ReportsReadiness {
  private stopped = false;
  private running: Promise<void> | undefined;
  private tendedAt = 0;
  private listening: NodeJS.Timeout | undefined;
  private readonly silence = new RelaySilence();
  private readonly usage = new StreamUsage();
  private readonly heavy = new HeavyAuthors();
  private readonly changes: SessionChanges;
  private readonly chain = new FactChain('audit', (subject, bytes) => this.bus.publishFact(subject, bytes));
  /** Whether the last batch could be stored. */
  private healthy = true;

  constructor(
    private readonly bus: Bus,
    private readonly database: DataSource,
    private readonly config: AuditConfig,
    private readonly log: Log,
  ) {
    this.changes = new SessionChanges(database, bus);
  }

  readiness(): { degraded: string[] } {
    const waits = this.bus.connected && this.healthy ? [] : ['facts wait: NATS or PostgreSQL is unreachable'];
    const full = this.usage.trouble === undefined ? [] : [this.usage.trouble];
    return { degraded: [...waits, ...full, ...this.heavy.troubles] };
  }

  onApplicationBootstrap(): void {
    // the message is validated too: by naming another relay's subject as its reply subject, a relay can make NATS publish there
    this.bus.subscribe(RELAY_PRESENCE, Presence, (_presence, subject) => {
      const relay = presentNode(subject);
      if (relay) this.silence.received(relay.id);
    });
    this.bus.onChange(() => this.silence.interrupt());
    this.listening = setInterval(() => this.listen(), LISTEN_EVERY_MS);
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.listening);
    await this.running;
  }

  /** Notes that messages of relays could be received up to now. */
  private listen(): void {
    if (this.bus.connected) this.silence.look(performance.now());
    else this.silence.interrupt();
  }

  private async run(): Promise<void> {
    let consumer: Consumer | undefined;
    let batch: JsMsg[] = [];
    while (!this.stopped) {
      try {
        consumer ??= await auditConsumer(this.bus, this.config, this.log);
        batch = await this.fetch(consumer);
        if (await goBackTo(this.bus, () => storedPosition(this.database))) {
          this.log.warn('the database was restored: facts are read again from its position');
          consumer = undefined; // the new consumer delivers this batch again
          continue;
        }
        if (batch.length > 0) await this.store(batch);
        await this.tend();
        this.healthy = true;
      } catch (error) {
        this.healthy = false;
        if (this.stopped) return;
        this.log.warn({ err: error }, 'facts could not be stored; they will be retried');
        for (const message of batch.splice(0)) message.nak(); // redelivers them at once instead of after the acknowledgement timeout
        consumer = undefined;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Waits for a first fact, then fetches what else has arrived. */
  private async fetch(consumer: Consumer): Promise<JsMsg[]> {
    const first = await consumer.next({ expires: FETCH_EXPIRES_MS });
    if (!first) return [];
    await sleep(LINGER_MS);
    const batch = [first];
    if (first.info.pending === 0) return batch;
    for await (const message of await consumer.fetch({ max_messages: Math.min(BATCH, first.info.pending), expires: 1000 }))
      batch.push(message);
    return batch;
  }

  private async store(batch: JsMsg[]): Promise<void> {
    const { progress, quarantined, records, active } = await storeFacts(this.database, batch);
    for (const name of active) this.silence.received(name);
    for (const message of batch) message.ack();
    void this.changes.announce(records);
    stored.inc({ result: 'stored' }, batch.length - quarantined.length);
    for (const { kind } of quarantined) stored.inc({ result: kind });
    if (quarantined[0]) {
      const { fact, kind, reason } = quarantined[0];
      this.log.error(
        { subject: fact.subject, kind, reason, facts: quarantined.length },
        'a fact was quarantined because it cannot become part of a record',
      );
    }
    this.publishProgress(progress);
  }

  /** Gives up numbers that never arrived, publishes integrity facts, and presumes the end of lost sessions. */
  private async tend(): Promise<void> {
    if (performance.now() - this.tendedAt < TEND_EVERY_MS) return;
    this.tendedAt = performance.now();
    const stream = await lookAtStream(this.bus);
    this.usage.note(stream, this.log);
    await this.heavy.look(this.database, this.config, this.log);
    const closed = await closeGaps(this.database, this.config.gapSeconds);
    for (const { author, incarnation } of closed)
      this.log.error({ author, incarnation }, 'facts are missing; the chain continues without them');
    gaps.inc(closed.length);
    this.publishProgress(closed);
    await publishIntegrity(this.database, this.chain).catch((error: unknown) =>
      this.log.warn({ err: error }, 'integrity facts could not be published; they will be retried'),
    );
    await this.presume(stream);
  }

  private async presume({ waiting }: StreamView): Promise<void> {
    const limitMs = this.config.presumeSeconds * 1000;
    const extent = { stored: waiting.from - 1, end: waiting.to };
    const sessions = await presumeEnded(
      this.database,
      (names) => this.silence.lost(names, limitMs, extent),
      this.config.retentionDays,
    );
    if (sessions > 0) this.log.warn({ sessions }, 'relays were lost: their sessions are presumed ended');
    if (sessions > 0) this.changes.announceMore();
    presumed.inc(sessions);
  }

  /** Publishes to relays how far their facts are stored. Services need no such message, as they keep no journal. */
  private publishProgress(progress: readonly Progress[]): void {
    for (const { author, incarnation, through } of progress)
      if (author.includes('-')) this.bus.publish(relaySubjects(author).stored, { incarnation, through });
  }
}

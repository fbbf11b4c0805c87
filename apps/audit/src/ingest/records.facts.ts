import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import {
  AUDIT_METRICS,
  AUDIT_STATUS,
  AUDIT_STATUS_INTERVAL_MS,
  type AuditStatus,
  Presence,
  presentNode,
  RELAY_PRESENCE,
  relaySubjects,
} from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { counterOf, histogramOf, Log, measure } from '@sluice/process';
import type { ReportsReadiness } from '@sluice/process/nest';
import { DataSource } from 'typeorm';
import type { Progress } from '../chain/advance-chains.js';
import { AuditConfig } from '../config.js';
import { RelaySilence } from '../presumption/relay-silence.js';
import { SessionChanges } from '../session/session-changes.js';
import { auditConsumer, goBackTo } from './audit-stream.js';
import { type Failure, failureOf } from './failure.js';
import { Housekeeping } from './housekeeping.js';
import { storeFacts } from './store-facts.js';
import { storedPosition } from './stream-position.js';

const BATCH = 500;
/** Facts received within this time share a transaction: records appear a moment later, but cost much less to store. */
const LINGER_MS = 100;
const RETRY_MS = 500;
const FETCH_EXPIRES_MS = 2000;

const stored = counterOf(AUDIT_METRICS.facts);
const storeSeconds = histogramOf(AUDIT_METRICS.storeSeconds);
const bare = counterOf(AUDIT_METRICS.unstorable);

/**
 * Receives facts and stores them: fetches a batch, commits it, acknowledges it, and publishes to each relay how far its facts
 * are stored. While the database is unreachable nothing is acknowledged, and JetStream delivers the same facts again, without
 * a limit on deliveries, so that none is lost. Housekeeping is done beside it, so that neither holds up the other.
 */
@Injectable()
export class RecordsFacts implements OnApplicationBootstrap, BeforeApplicationShutdown, ReportsReadiness {
  private stopped = false;
  private running: Promise<void> | undefined;
  private listening: NodeJS.Timeout | undefined;
  private readonly process = randomUUID();
  private readonly silence = new RelaySilence();
  private readonly changes: SessionChanges;
  private readonly housekeeping: Housekeeping;
  /** Why the last batch could not be stored; undefined if it was. */
  private failure: Failure | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly database: DataSource,
    private readonly config: AuditConfig,
    private readonly log: Log,
  ) {
    this.changes = new SessionChanges(database, bus);
    this.housekeeping = new Housekeeping({
      bus,
      database,
      config,
      log,
      silence: this.silence,
      changes: this.changes,
      onProgress: (progress) => this.publishProgress(progress),
    });
  }

  readiness(): { degraded: string[] } {
    const why = this.bus.connected ? this.failure?.reason : 'NATS is not connected';
    return { degraded: [...(why === undefined ? [] : [`facts wait: ${why}`]), ...this.housekeeping.troubles] };
  }

  onApplicationBootstrap(): void {
    // the message is validated too: by naming another relay's subject as its reply subject, a relay can make NATS publish there
    this.bus.subscribe(RELAY_PRESENCE, Presence, (_presence, subject) => {
      const relay = presentNode(subject);
      if (relay) this.silence.received(relay.id);
    });
    this.bus.onChange(() => this.silence.interrupt());
    measure(AUDIT_METRICS.storing, () => (this.bus.connected && this.failure === undefined ? 1 : 0));
    this.listening = setInterval(() => this.listen(), AUDIT_STATUS_INTERVAL_MS);
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.listening);
    await Promise.all([this.running, this.housekeeping.stop()]);
  }

  /** Notes that messages of relays could be received up to now, and publishes to the gateways whether facts are stored. */
  private listen(): void {
    const trouble = this.failure?.trouble ?? (this.housekeeping.fails ? 'housekeeping' : null);
    const status: AuditStatus = { process: this.process, trouble };
    this.bus.publish(AUDIT_STATUS, status);
    if (this.bus.connected) this.silence.look(performance.now());
    else this.silence.interrupt();
  }

  private async run(): Promise<void> {
    let consumer: Consumer | undefined;
    let batch: JsMsg[] = [];
    while (!this.stopped) {
      try {
        consumer ??= await auditConsumer(this.bus, this.config, this.log);
        this.housekeeping.start();
        batch = await this.fetch(consumer);
        if (await goBackTo(this.bus, () => storedPosition(this.database))) {
          this.log.warn('the database was restored: facts are read again from its position');
          consumer = undefined; // the new consumer delivers this batch again
          continue;
        }
        if (batch.length > 0) await this.store(batch);
        this.failure = undefined;
      } catch (error) {
        this.failure = failureOf(error);
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
    if (first.info.pending < BATCH) await sleep(LINGER_MS);
    const batch = [first];
    if (first.info.pending === 0) return batch;
    for await (const message of await consumer.fetch({ max_messages: Math.min(BATCH, first.info.pending), expires: 1000 }))
      batch.push(message);
    return batch;
  }

  private async store(batch: JsMsg[]): Promise<void> {
    const begunMs = performance.now();
    const { progress, quarantined, records, active, bare: unstorable } = await storeFacts(this.database, batch);
    storeSeconds.observe((performance.now() - begunMs) / 1000);
    for (const name of active) this.silence.received(name);
    for (const message of batch) message.ack();
    void this.changes.announce(records);
    stored.inc({ result: 'stored' }, batch.length - quarantined.length);
    for (const { kind } of quarantined) stored.inc({ result: kind });
    bare.inc(unstorable);
    if (quarantined[0]) {
      const { fact, kind, reason } = quarantined[0];
      this.log.error(
        { subject: fact.subject, kind, reason, facts: quarantined.length },
        'a fact was quarantined because it cannot become part of a record',
      );
    }
    this.publishProgress(progress);
  }

  /** Publishes to relays how far their facts are stored. Services need no such message, as they keep no journal. */
  private publishProgress(progress: readonly Progress[]): void {
    for (const { author, incarnation, through } of progress)
      if (author.includes('-')) this.bus.publish(relaySubjects(author).stored, { incarnation, through });
  }
}

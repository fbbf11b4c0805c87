import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AUDIT_METRICS, certifyAudit } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import { ServiceIdentity } from '@sluice/identity';
import { type Bus, FactChain } from '@sluice/messaging';
import { counterOf, type Log, errorMessage } from '@sluice/process';
import type { DataSource } from 'typeorm';
import type { Progress } from '../chain/advance-chains.js';
import type { AuditConfig } from '../config.js';
import { checkHeads } from '../integrity/check-heads.js';
import { closeGaps } from '../integrity/close-gaps.js';
import { publishIntegrity } from '../integrity/publish-integrity.js';
import { presumeEnded } from '../presumption/presume-ended.js';
import type { RelaySilence } from '../presumption/relay-silence.js';
import { Retention } from '../retention/retention.js';
import type { SessionChanges } from '../session/session-changes.js';
import { publishHeartbeat } from '../traffic/publish-heartbeat.js';
import { HeavyAuthors } from '../traffic/heavy-authors.js';
import { inspectStream, type StreamView } from './audit-stream.js';
import { StreamUsage } from './stream-usage.js';

const EVERY_MS = 2000;

const gaps = counterOf(AUDIT_METRICS.gaps);
const presumed = counterOf(AUDIT_METRICS.presumed);

/** What housekeeping works with. */
export interface HousekeepingContext {
  readonly bus: Bus;
  readonly database: DataSource;
  readonly config: AuditConfig;
  readonly log: Log;
  readonly silence: RelaySilence;
  readonly changes: SessionChanges;
  readonly onProgress: (progress: readonly Progress[]) => void;
}

/**
 * Does every two seconds what no single fact causes: looks at the stream, gives up numbers that never arrived, checks signatures,
 * publishes integrity facts and heartbeats, drops what is older than the retention, and presumes the end of lost sessions. Each of these is done whether or not another one fails.
 */
export class Housekeeping {
  private readonly usage = new StreamUsage();
  private readonly heavy = new HeavyAuthors();
  private readonly chain: FactChain;
  /** Signs the facts of this service, and brings the authority with which those of others are checked. */
  private readonly identity: ServiceIdentity;
  private readonly retention: Retention;
  private readonly failures = new Map<string, string>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly house: HousekeepingContext) {
    const { bus, log, database, config } = house;
    this.retention = new Retention(database, bus, log, config.minimumRetentionDays);
    this.identity = new ServiceIdentity(
      'audit',
      (publicKey) => bus.call(certifyAudit, { publicKey }, { requestId: randomUUID() }),
      (error) => log.info({ why: errorMessage(error) }, 'the registry has not certified the key that signs facts; trying again'),
    );
    const send = (subject: string, bytes: Uint8Array) => bus.publishFact(subject, bytes);
    this.chain = new FactChain('audit', send, { sign: (end) => this.identity.signHead(end) });
  }

  /** Whether a part of it failed the last time. */
  get fails(): boolean {
    return this.failures.size > 0;
  }

  /** Warnings for operators. */
  get troubles(): string[] {
    const failures = [...this.failures].map(([what, why]) => `${what} fails: ${why}`);
    return [...failures, ...(this.usage.trouble === undefined ? [] : [this.usage.trouble]), ...this.heavy.troubles];
  }

  /** Begins, if it has not begun yet. */
  start(): void {
    if (this.running) return;
    this.identity.start();
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.identity.stop();
    await this.running;
    if (this.house.bus.connected) await this.chain.sign({ end: true }).catch(() => undefined); // what is not signed now never is
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (this.house.bus.connected) await this.tend();
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tend(): Promise<void> {
    const { bus, database, config, log } = this.house;
    const stream = await this.attempt('reading the state of the stream', () => inspectStream(bus));
    if (stream) this.usage.note(stream, log);
    await this.attempt('measuring traffic', () => this.heavy.look(database, config, log));
    await this.attempt('giving up missing facts', () => this.closeGaps());
    await this.attempt('checking signatures', () => this.checkHeads());
    await this.attempt('publishing integrity facts', () => publishIntegrity(database, this.chain));
    await this.attempt('dropping old evidence', () => this.retention.tend(this.identity, this.chain));
    await this.attempt('signing the integrity facts', () => this.chain.sign());
    if (stream) await this.attempt('publishing the heartbeat', () => this.beat(stream));
    if (stream) await this.attempt('presuming the end of lost sessions', () => this.presume(stream));
  }

  /** Does a part of it. @returns undefined if it failed, which is reported until it succeeds again */
  private async attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.stopping.signal.aborted) return undefined;
    try {
      const result = await work();
      this.failures.delete(what);
      return result;
    } catch (error) {
      if (!this.failures.has(what)) this.house.log.warn({ err: error }, `${what} fails; it will be retried`);
      this.failures.set(what, cleanText(errorMessage(error), 300));
      return undefined;
    }
  }

  private async checkHeads(): Promise<void> {
    const { authority } = this.identity;
    if (authority) await checkHeads(this.house.database, authority, this.stopping.signal);
  }

  private async closeGaps(): Promise<void> {
    const { database, config, log, onProgress } = this.house;
    await closeGaps(database, config.gapSeconds, (closed) => {
      for (const { author, incarnation } of closed)
        log.error({ author, incarnation }, 'facts are missing; the chain continues without them');
      gaps.inc(closed.length);
      onProgress(closed);
    });
  }

  private beat({ waiting }: StreamView): Promise<void> {
    const { bus, database } = this.house;
    return publishHeartbeat(database, waiting, (subject, bytes) => bus.publishFact(subject, bytes));
  }

  private async presume({ waiting }: StreamView): Promise<void> {
    const { database, config, log, silence, changes } = this.house;
    const extent = { stored: waiting.from - 1, end: waiting.to };
    const lost = (names: readonly string[]) => silence.lost(names, config.presumeSeconds * 1000, extent);
    const sessions = await presumeEnded(database, lost, config.retentionDays);
    if (sessions > 0) log.warn({ sessions }, 'relays were lost: their sessions are presumed ended');
    if (sessions > 0) changes.announceMore();
    presumed.inc(sessions);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HEARTBEAT_INTERVAL_MS, REGISTRY_METRICS } from '@sluice/contracts';
import { ServiceIdentity } from '@sluice/identity';
import { Bus, FactChain } from '@sluice/messaging';
import { LockedListener } from '@sluice/persistence';
import { counterOf, gaugeOf, Log } from '@sluice/process';
import type { ReportsReadiness } from '@sluice/process/nest';
import { DataSource } from 'typeorm';
import { dropActivities } from '../activity/drop-activities.js';
import { keepFact, publishPending } from '../activity/pending-facts.js';
import { publishActivities } from '../activity/publish-activities.js';
import { publishAttempts } from '../attempt/publish-attempts.js';
import { RegistryConfig } from '../config.js';
import { announceObjects } from '../events/announce-objects.js';
import { Organization } from '../organization/organization.js';
import { foldRefusals } from '../refusal/fold-refusals.js';
import { PolicyPublisher } from './publish-policy.js';
import { sweep } from './sweep.js';
import { WakeUp } from './wake-up.js';

const factFailures = counterOf(REGISTRY_METRICS.factFailures);
const factsWaiting = gaugeOf(REGISTRY_METRICS.factsWaiting);

const LOCK = 7221;
const RETRY_MS = 500;
const COMPARE_EVERY_MS = 3600_000;
const DROP_EVERY_MS = 10_000;

/**
 * Publishes policy and facts. Of several registries, only the one that holds the lock does so. It is woken by NOTIFY, so that
 * a change is on the bus a few milliseconds after its commit, and also checks at every heartbeat.
 *
 *   lock held ──► policy loop: outbox ──► buckets, heartbeat
 *             └─► facts loop:  activities, attempts ──► stream      a backlog of facts never delays a revocation
 */
@Injectable()
export class Publisher implements OnApplicationBootstrap, BeforeApplicationShutdown, ReportsReadiness {
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;
  private readonly policyDue = new WakeUp();
  private readonly factsDue = new WakeUp();
  /** Why the policy is not being published; undefined while it is, or while another registry does it. */
  private trouble: string | undefined;
  /** Why old activities could not be dropped, which is logged once. */
  private dropping: string | undefined;
  /** Signs the facts. */
  private readonly identity: ServiceIdentity;

  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
    private readonly config: RegistryConfig,
    private readonly log: Log,
    organization: Organization,
  ) {
    this.identity = new ServiceIdentity(
      'registry',
      (publicKey) => organization.certify({ kind: 'service', service: 'registry' }, publicKey, { which: 'all' }),
      (error) => log.error({ err: error }, 'the key that signs facts could not be certified'),
    );
  }

  onApplicationBootstrap(): void {
    this.identity.start();
    this.running = this.run();
  }

  readiness(): { degraded: string[] } {
    return { degraded: this.trouble === undefined ? [] : [`the policy is not published: ${this.trouble}`] };
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    await this.running;
    this.identity.stop();
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        await this.publishWhileLocked();
      } catch (error) {
        this.trouble = (error as Error).message;
        this.log.warn(`publishing failed and will be restarted: ${this.trouble}`);
      }
      await sleep(RETRY_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  private async publishWhileLocked(): Promise<void> {
    const listener = await LockedListener.acquire(
      this.config.databaseUrl,
      LOCK,
      'registry_changed',
      () => this.notify(),
      this.stopped.signal,
    );
    if (!listener) return;
    const lost = new AbortController();
    void listener.lost.then(() => lost.abort());
    const ended = new AbortController();
    const held = AbortSignal.any([this.stopped.signal, lost.signal, ended.signal]);
    held.addEventListener('abort', () => this.notify());
    try {
      const policy = await PolicyPublisher.open(this.database, this.bus);
      await sweep(this.database);
      const facts = this.publishFacts(held, lost.signal); // concurrently, because the policy must never wait for facts
      try {
        await this.publishPolicy(policy, held);
      } finally {
        ended.abort();
        await facts;
      }
    } finally {
      await listener.release();
    }
  }

  private async publishPolicy(policy: PolicyPublisher, held: AbortSignal): Promise<void> {
    let lastBeat = 0;
    let lastCompare = Date.now();
    while (!held.aborted) {
      while ((await policy.drain()) > 0);
      if (Date.now() - lastBeat >= HEARTBEAT_INTERVAL_MS) {
        await policy.beat();
        lastBeat = Date.now();
        this.trouble = undefined;
      }
      if (Date.now() - lastCompare > COMPARE_EVERY_MS) {
        await policy.compareAll();
        await sweep(this.database);
        lastCompare = Date.now();
      }
      await this.policyDue.wait(Math.max(0, lastBeat + HEARTBEAT_INTERVAL_MS - Date.now()));
    }
  }

  /** @param held until when facts are published @param lost aborted when another registry may publish */
  private async publishFacts(held: AbortSignal, lost: AbortSignal): Promise<void> {
    const send = async (subject: string, bytes: Uint8Array): Promise<void> => {
      lost.throwIfAborted(); // another registry may hold the lock by now, with a chain of its own
      await this.bus.publishFact(subject, bytes);
    };
    const chain = new FactChain('registry', send, {
      save: (fact) => keepFact(this.database, fact),
      sign: (end) => this.identity.signHead(end),
    });
    let pending = true; // there may be unmarked facts of the registry that held the lock before, or of our own after a failure
    let droppedAt = Number.NEGATIVE_INFINITY;
    let logged: string | undefined; // a reason is logged once until publishing works again, as it is retried every second
    while (!held.aborted) {
      try {
        if (pending) await publishPending(this.database, send);
        pending = false;
        const folded = await foldRefusals(this.database);
        announceObjects(
          this.bus,
          folded.map((id) => ({ kind: 'activity', id })),
        );
        await publishActivities(this.database, chain);
        await publishAttempts(this.database, chain);
        await chain.sign();
        logged = undefined;
        if (performance.now() - droppedAt >= DROP_EVERY_MS) {
          droppedAt = performance.now();
          await this.dropActivities();
        }
      } catch (error) {
        if (held.aborted) break;
        pending = true;
        factFailures.inc();
        const why = (error as Error).message;
        if (why !== logged) this.log.warn(`facts of the registry could not be published; they will be retried: ${why}`);
        logged = why;
      }
      factsWaiting.set(await countWaiting(this.database).catch(() => Number.NaN));
      await this.factsDue.wait(HEARTBEAT_INTERVAL_MS);
    }
    if (this.bus.connected) await chain.sign({ end: true }).catch(() => undefined); // what is not signed now never is
  }

  /** Drops activities with their facts. While the audit service does not respond, they stay. */
  private async dropActivities(): Promise<void> {
    try {
      await dropActivities(this.database, this.bus);
      this.dropping = undefined;
    } catch (error) {
      const why = (error as Error).message;
      if (why !== this.dropping) this.log.info({ why }, 'old activities could not be dropped; it is retried');
      this.dropping = why;
    }
  }

  private notify(): void {
    this.policyDue.call();
    this.factsDue.call();
  }
}

async function countWaiting(database: DataSource): Promise<number> {
  const [row] = await database.query<{ waiting: number }[]>(
    `select (select count(*) from activity where published_at is null)::int
          + (select count(*) from attempt where published_at is null and due_at <= now())::int as waiting`,
  );
  return row?.waiting ?? 0;
}

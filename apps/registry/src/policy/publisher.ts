import { Injectable } from '@nestjs/common';
import { HEARTBEAT_INTERVAL_MS } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { LockedListener } from '@sluice/persistence';
import { DataSource } from 'typeorm';
import { FactChain } from '../activity/fact-chain.js';
import { publishActivities } from '../activity/publish-activities.js';
import { publishAttempts } from '../attempt/publish-attempts.js';
import { RegistryConfig } from '../config.js';
import { PolicyPublisher } from './publish-policy.js';

const LOCK = 7221;
const RETRY_MS = 500;
const COMPARE_EVERY_MS = 3600_000;

/**
 * Publishes policy and activities. Of several registries, the one that holds the lock does it; it is woken by NOTIFY,
 * so that a change is on the bus a few milliseconds after its commit, and looks for itself every heartbeat.
 */
@Injectable()
export class Publisher {
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;
  private woken = false;

  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
    private readonly config: RegistryConfig,
  ) {}

  start(onTrouble: (why: string) => void): void {
    this.running = this.run(onTrouble);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    this.notify();
    await this.running;
  }

  private async run(onTrouble: (why: string) => void): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        await this.publishWhileLocked(onTrouble);
      } catch (error) {
        onTrouble(`publishing begins again: ${(error as Error).message}`);
      }
      if (!this.stopped.signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private async publishWhileLocked(onTrouble: (why: string) => void): Promise<void> {
    const listener = await LockedListener.acquire(
      this.config.databaseUrl,
      LOCK,
      'registry_changed',
      () => this.notify(),
      this.stopped.signal,
    );
    if (!listener) return;
    let held = true;
    void listener.lost.then(() => {
      held = false;
      this.notify();
    });
    try {
      const policy = await PolicyPublisher.open(this.database, this.bus);
      const chain = new FactChain((subject, bytes) => this.bus.publishFact(subject, bytes));
      let lastBeat = 0;
      let lastCompare = Date.now();
      while (held && !this.stopped.signal.aborted) {
        while ((await policy.drain()) > 0);
        if (Date.now() - lastBeat >= HEARTBEAT_INTERVAL_MS) {
          await policy.beat();
          lastBeat = Date.now();
        }
        // the policy never waits for facts: they are tried again with the next heartbeat
        await publishActivities(this.database, chain)
          .then(() => publishAttempts(this.database, chain))
          .catch((error: unknown) => onTrouble(`facts of the registry wait: ${(error as Error).message}`));
        if (Date.now() - lastCompare > COMPARE_EVERY_MS) {
          await policy.compareAll();
          lastCompare = Date.now();
        }
        await this.sleep(Math.max(0, lastBeat + HEARTBEAT_INTERVAL_MS - Date.now()));
      }
    } finally {
      await listener.release();
    }
  }

  private notify(): void {
    this.woken = true;
    this.wake();
  }

  /** Waits, unless a change came meanwhile. */
  private async sleep(ms: number): Promise<void> {
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.woken = false;
  }
}

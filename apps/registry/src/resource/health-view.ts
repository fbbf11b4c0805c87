import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { HEALTH_BUCKET, healthKey, REGISTRY_METRICS, ServerHealth } from '@sluice/contracts';
import { type HealthKind, healthKind } from '@sluice/domain';
import { Bus, watchBucket } from '@sluice/messaging';
import { gaugeOf, Log } from '@sluice/process';

const entries = gaugeOf(REGISTRY_METRICS.healthEntries);

const UNCHECKED: ServerHealth = { state: 'unhealthy', nodes: [] };

/** The health of resources, watched in the bucket that the health service writes. */
@Injectable()
export class HealthView implements OnModuleInit, BeforeApplicationShutdown {
  private readonly states = new Map<string, ServerHealth>();
  private readonly stopped = new AbortController();

  constructor(
    private readonly bus: Bus,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    const listener = {
      onValue: (key: string, value: unknown) => this.onValue(key, value),
      onComplete: (keys: ReadonlySet<string>) => {
        for (const id of this.states.keys()) if (!keys.has(healthKey(id))) this.states.delete(id);
        entries.set(this.states.size);
      },
    };
    void watchBucket(this.bus, HEALTH_BUCKET, listener, this.stopped.signal, (why) => this.log.warn(why));
  }

  beforeApplicationShutdown(): void {
    this.stopped.abort();
  }

  /** The health of a resource; one that was never checked counts as unhealthy. */
  of(resourceId: string): ServerHealth {
    return this.states.get(resourceId) ?? UNCHECKED;
  }

  /** Ids of the resources that have been checked and whose health is of one of these kinds. */
  idsOf(kinds: readonly HealthKind[]): string[] {
    return [...this.states].flatMap(([id, health]) => (kinds.includes(healthKind(health)) ? [id] : []));
  }

  /** A value that is null or malformed removes the entry: the server was deleted, or counts as unchecked. */
  private onValue(key: string, value: unknown): void {
    const id = key.replace(/^resource\./, '');
    const health = ServerHealth.safeParse(value);
    if (health.success) this.states.set(id, health.data);
    else this.states.delete(id);
    entries.set(this.states.size);
  }
}

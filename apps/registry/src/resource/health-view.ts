import { Injectable } from '@nestjs/common';
import { HEALTH_BUCKET, ServerHealth } from '@sluice/contracts';
import { Bus, watchBucket } from '@sluice/messaging';

const UNCHECKED: ServerHealth = { state: 'unhealthy', nodes: [] };

/** The registry's view of resource health: read from the bucket that the health service writes. */
@Injectable()
export class HealthView {
  private readonly states = new Map<string, ServerHealth>();
  private readonly stopped = new AbortController();

  constructor(private readonly bus: Bus) {}

  start(onTrouble: (why: string) => void): void {
    const listener = {
      onValue: (key: string, value: unknown) => {
        const health = ServerHealth.safeParse(value);
        if (health.success) this.states.set(key.replace(/^resource\./, ''), health.data);
      },
      onComplete: () => undefined,
    };
    void watchBucket(this.bus, HEALTH_BUCKET, listener, this.stopped.signal, onTrouble);
  }

  stop(): void {
    this.stopped.abort();
  }

  /** Health of a resource; one that was never checked is unhealthy. */
  of(resourceId: string): ServerHealth {
    return this.states.get(resourceId) ?? UNCHECKED;
  }
}

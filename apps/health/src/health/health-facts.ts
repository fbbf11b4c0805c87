import { randomUUID } from 'node:crypto';
import { healthFactSubject, type ResourceHealthChanged } from '@sluice/contracts';
import { FactChain } from '@sluice/messaging';
import type { Log } from '@sluice/process';

const RETRY_MS = 1000;

/**
 * Publishes changes of health as one chain of facts, again and again until JetStream has them. Of each server the latest
 * change waits alone, and says how many before it are in no fact; servers take turns. So whoever has a server change all the
 * time delays facts of that server only, and there is never more to wait for than there are servers.
 */
export class HealthFacts {
  private readonly chain: FactChain;
  /** By server, in the order of their turns. */
  private readonly waiting = new Map<string, ResourceHealthChanged>();
  private running = false;
  private stopped = false;

  /** @param send publishes bytes, and throws when JetStream has not taken them */
  constructor(
    send: (subject: string, bytes: Uint8Array) => Promise<unknown>,
    private readonly log: Log,
  ) {
    this.chain = new FactChain('health', send);
  }

  push(change: Omit<ResourceHealthChanged, 'leftOut'>): void {
    const earlier = this.waiting.get(change.resourceId);
    const leftOut = earlier && { leftOut: (earlier.leftOut ?? 0) + 1 };
    this.waiting.set(change.resourceId, { ...change, ...leftOut }); // where one waits already, its turn stays
    if (!this.running) void this.run();
  }

  /** A server is gone: what waits of it is not published any more. */
  forget(resourceId: string): void {
    if (this.waiting.delete(resourceId))
      this.log.warn({ resourceId }, 'a deleted server: its last change of health is in no fact');
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let next = this.take(); next && !this.stopped; next = this.take()) await this.publish(next);
    this.running = false;
  }

  private take(): ResourceHealthChanged | undefined {
    const [next] = this.waiting.values();
    if (next) this.waiting.delete(next.resourceId);
    return next;
  }

  private async publish(change: ResourceHealthChanged): Promise<void> {
    const { resourceId, at } = change;
    const key = randomUUID();
    const fact = { subject: healthFactSubject(resourceId), about: resourceId, at: new Date(at), data: change };
    while (!this.stopped) {
      try {
        return await this.chain.publish(key, fact);
      } catch (error) {
        this.log.debug({ err: error }, 'a change of health waits');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }
}

import { randomUUID } from 'node:crypto';
import { healthFactSubject, type ResourceHealthChanged } from '@sluice/contracts';
import { type Bus, FactChain, type ServiceFact } from '@sluice/messaging';
import type { Log } from '@sluice/process';

const RETRY_MS = 1000;
/** Changes that wait while JetStream takes none; what is more is logged and not published. */
const MOST_WAITING = 1000;

/** Publishes changes of health as one chain of facts, in their order, again and again until JetStream has them. */
export class HealthFacts {
  private readonly chain: FactChain;
  private readonly waiting: { readonly key: string; readonly fact: ServiceFact }[] = [];
  private running = false;
  private stopped = false;

  constructor(
    bus: Bus,
    private readonly log: Log,
  ) {
    this.chain = new FactChain('health', (subject, bytes) => bus.publishFact(subject, bytes));
  }

  push(data: ResourceHealthChanged): void {
    const { resourceId, at } = data;
    if (this.waiting.length >= MOST_WAITING)
      return this.log.error({ resourceId }, 'a change of health is not published: too many wait');
    const fact = { subject: healthFactSubject(resourceId), about: resourceId, at: new Date(at), data };
    this.waiting.push({ key: randomUUID(), fact });
    if (!this.running) void this.run();
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let next = this.waiting[0]; next && !this.stopped; next = this.waiting[0]) {
      try {
        await this.chain.publish(next.key, next.fact);
        this.waiting.shift();
      } catch (error) {
        this.log.debug({ err: error }, 'a change of health waits');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    this.running = false;
  }
}

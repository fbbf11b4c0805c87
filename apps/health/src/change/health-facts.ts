import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { healthFactSubject, type ResourceHealthChanged } from '@sluice/contracts';
import { FactChain, type SignHead } from '@sluice/messaging';
import type { Log } from '@sluice/process';

const RETRY_MS = 1000;
/** How often it is determined whether a signature is due. */
const SIGN_MS = 2000;

/**
 * Publishes changes of health as one chain of facts, and retries until JetStream has stored them. For each server only the
 * latest change waits, with the number of earlier ones that were skipped, and servers are served in turn. A server that
 * changes all the time therefore delays only its own facts, and at most one change per server is waiting.
 */
export class HealthFacts {
  private readonly chain: FactChain;
  /** The waiting change of each server, in the order in which they will be published. */
  private readonly waiting = new Map<string, ResourceHealthChanged>();
  private readonly timer: NodeJS.Timeout;
  private running = false;
  private stopped = false;

  /**
   * @param send publishes bytes, and throws when JetStream has not stored them
   * @param onStored called with each change whose fact is stored
   */
  constructor(
    send: (subject: string, bytes: Uint8Array) => Promise<unknown>,
    private readonly onStored: (change: ResourceHealthChanged) => void,
    private readonly log: Log,
    sign: SignHead = () => undefined,
  ) {
    this.chain = new FactChain('health', send, { sign });
    this.timer = setInterval(() => void this.chain.sign().catch(() => undefined), SIGN_MS).unref(); // it is retried
  }

  push(change: Omit<ResourceHealthChanged, 'leftOut'>): void {
    const earlier = this.waiting.get(change.resourceId);
    const leftOut = earlier && { leftOut: (earlier.leftOut ?? 0) + 1 };
    this.waiting.set(change.resourceId, { ...change, ...leftOut }); // a server that is waiting already keeps its place
    if (!this.running) void this.run();
  }

  /** Drops the waiting change of a server that was deleted. */
  forget(resourceId: string): void {
    if (this.waiting.delete(resourceId))
      this.log.warn({ resourceId }, 'the server was deleted before its last change of health was published');
  }

  /** Stops. @param sign whether what was published can be signed now; otherwise it never is */
  async stop(sign: boolean): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    if (sign) await this.chain.sign({ end: true }).catch(() => undefined);
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
        await this.chain.publish(key, fact);
        return this.onStored(change);
      } catch (error) {
        this.log.debug({ err: error }, 'a change of health could not be published; it will be retried');
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }
}

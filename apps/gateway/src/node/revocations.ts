import { Injectable } from '@nestjs/common';
import { GATEWAY_BUCKET, PolicyValue } from '@sluice/contracts';
import { Bus, watchBucket } from '@sluice/messaging';

/** Identities that must not be let in any more, as the registry publishes them. What was heard stays while the bus is away. */
@Injectable()
export class Revocations {
  private readonly revisions = new Map<string, number>();
  private readonly revoked = new Set<string>();
  private readonly stopped = new AbortController();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly bus: Bus) {}

  start(onTrouble: (why: string) => void): void {
    void watchBucket(
      this.bus,
      GATEWAY_BUCKET,
      { onValue: (key, value) => this.onValue(key, value), onComplete: () => undefined },
      this.stopped.signal,
      onTrouble,
    );
  }

  stop(): void {
    this.stopped.abort();
  }

  /** Whether an account, login or node is revoked. */
  has(id: string): boolean {
    return this.revoked.has(id);
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private onValue(key: string, body: unknown): void {
    const value = PolicyValue.safeParse(body);
    const [kind, id] = key.split('.');
    if (!value.success || kind !== 'revoked' || id === undefined || (this.revisions.get(id) ?? 0) >= value.data.revision) return;
    this.revisions.set(id, value.data.revision);
    if (value.data.entry) this.revoked.add(id);
    else this.revoked.delete(id);
    for (const listener of this.listeners) listener();
  }
}

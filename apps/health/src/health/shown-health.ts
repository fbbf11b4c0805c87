import type { KV } from '@nats-io/kv';
import { HEALTH_BUCKET, healthKey, type ServerHealth } from '@sluice/contracts';
import { type Bus, forgetKey, makeBucket, readBucket } from '@sluice/messaging';

/**
 * The health of each server as people see it: an entry in a bucket that the registries watch. A deleted server's entry is first
 * set to null, which watchers see, and then removed, so that later readers of the whole bucket do not find it.
 *
 *   shown ──► null ──► removed
 */
export class ShownHealth {
  private constructor(
    private readonly bus: Bus,
    private readonly bucket: KV,
  ) {}

  static async open(bus: Bus): Promise<ShownHealth> {
    return new ShownHealth(bus, await makeBucket(bus, HEALTH_BUCKET));
  }

  async show(resourceId: string, health: ServerHealth): Promise<void> {
    await this.bucket.put(healthKey(resourceId), JSON.stringify(health));
  }

  /** Removes an entry. A `show` after this call takes effect even if it happens before the removal is complete. */
  async forget(resourceId: string): Promise<void> {
    const key = healthKey(resourceId);
    const revision = await this.bucket.put(key, JSON.stringify(null));
    await forgetKey(this.bus, HEALTH_BUCKET, key, revision); // a watcher that missed the null sees a gap and reads everything again
  }

  /** Removes every entry of a server that does not exist. */
  async forgetOthers(isServer: (resourceId: string) => boolean): Promise<void> {
    const prefix = healthKey('');
    for await (const { key } of readBucket(this.bus, HEALTH_BUCKET)) {
      const id = key.slice(prefix.length);
      if (!isServer(id)) await this.forget(id);
    }
  }
}

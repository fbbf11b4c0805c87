import type { KV } from '@nats-io/kv';
import { HEALTH_BUCKET, healthKey, type ServerHealth } from '@sluice/contracts';
import { type Bus, forgetKey, makeBucket, readBucket } from '@sluice/messaging';

/**
 * What people see of each server: an entry of a bucket that the registries follow.
 *
 *   shown ──► null, for whoever follows ──► nothing, for whoever reads everything
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

  /** Takes an entry away. What is shown after this call stays, also when it comes before the removal is done. */
  async forget(resourceId: string): Promise<void> {
    const key = healthKey(resourceId);
    const said = await this.bucket.put(key, JSON.stringify(null));
    await forgetKey(this.bus, HEALTH_BUCKET, key, said); // a reader that missed the word sees a gap, and reads everything again
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

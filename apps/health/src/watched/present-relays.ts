import { type Presence, PRESENCE_LIMIT_MS, presentNode } from '@sluice/contracts';

/** The relays that are online. A relay's id and cluster are those of its subject, which the bus proves. Times are milliseconds. */
export class PresentRelays {
  private readonly relays = new Map<string, { cluster: string; name: string; seenAt: number }>();

  /** Notes that a relay is online. One that drains gets no more checks, and goes offline. */
  note({ name, draining }: Presence, subject: string, now: number): void {
    const node = presentNode(subject);
    if (!node || node.cluster === null || draining) return;
    this.relays.set(node.id, { cluster: node.cluster, name, seenAt: now });
  }

  /** Drops relays that have been silent for too long. @returns whether there were any */
  dropSilent(now: number): boolean {
    const silent = [...this.relays].filter(([, { seenAt }]) => now - seenAt > PRESENCE_LIMIT_MS);
    for (const [id] of silent) this.relays.delete(id);
    return silent.length > 0;
  }

  /** Ids of the relays of each cluster. */
  byCluster(): Map<string, string[]> {
    const clusters = new Map<string, string[]>();
    for (const [id, { cluster }] of this.relays) clusters.set(cluster, [...(clusters.get(cluster) ?? []), id]);
    return clusters;
  }

  nameOf(id: string): string | undefined {
    return this.relays.get(id)?.name;
  }

  isPresent(id: string): boolean {
    return this.relays.has(id);
  }
}

import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Presence, PRESENCE_LIMIT_MS, presentNode, RELAY_PRESENCE } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';

/** A relay that is online, as it says. */
export interface PresentRelay {
  readonly id: string;
  readonly name: string;
  readonly cluster: string | null;
  readonly journal: { readonly facts: number; readonly bytes: number } | null;
}

/** The relays that are online, from the presence that they publish. Kept in memory only. */
@Injectable()
export class PresentRelays implements OnApplicationBootstrap {
  private readonly seen = new Map<string, { relay: PresentRelay; at: number }>();

  constructor(private readonly bus: Bus) {}

  onApplicationBootstrap(): void {
    this.bus.subscribe(RELAY_PRESENCE, Presence, ({ name, journal, left }, subject) => {
      const node = presentNode(subject);
      if (!node) return;
      if (left === true) this.seen.delete(node.id);
      else
        this.seen.set(node.id, {
          relay: { id: node.id, name, cluster: node.cluster, journal: journal ?? null },
          at: performance.now(),
        });
    });
  }

  /** Those that have published their presence recently. */
  list(): PresentRelay[] {
    const since = performance.now() - PRESENCE_LIMIT_MS;
    for (const [id, { at }] of this.seen) if (at < since) this.seen.delete(id);
    return [...this.seen.values()].map(({ relay }) => relay);
  }
}

import { Injectable } from '@nestjs/common';
import { type AgentFeed, type Node, NodePresent, PRESENCE_LIMIT_MS } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';

/** Which nodes are there: heard from the nodes themselves, kept in memory. */
@Injectable()
export class Presence {
  private readonly heard = new Map<string, { told: NodePresent; at: number }>();

  constructor(private readonly bus: Bus) {}

  start(): void {
    this.bus.hear('node.v1.*.present', NodePresent, (told, subject) => {
      if (subject.split('.')[2] === told.nodeId) this.heard.set(told.nodeId, { told, at: Date.now() });
    });
  }

  /** Relays of these clusters that listen themselves and take sessions now. */
  listeningRelays(clusters: ReadonlySet<string>): AgentFeed['relays'] {
    return [...this.heard.values()].flatMap(({ told: { nodeId, kind, cluster, address, draining }, at }) =>
      kind === 'relay' && address !== null && cluster !== null && clusters.has(cluster) && !draining && isFresh(at)
        ? [{ id: nodeId, cluster, address }]
        : [],
    );
  }

  /** When each node was heard last, milliseconds since 1970. */
  get lastHeard(): ReadonlyMap<string, number> {
    return new Map([...this.heard].map(([id, { at }]) => [id, at]));
  }

  /** Where a node says that it listens. */
  addressOf(nodeId: string): string | null {
    return this.heard.get(nodeId)?.told.address ?? null;
  }

  /** State, sessions and last word of a node. */
  of(nodeId: string): Pick<Node, 'state' | 'sessions' | 'lastSeenAt'> {
    const entry = this.heard.get(nodeId);
    if (!entry) return { state: 'offline', sessions: null, lastSeenAt: null };
    const lastSeenAt = new Date(entry.at).toISOString();
    if (!isFresh(entry.at)) return { state: 'offline', sessions: null, lastSeenAt };
    return { state: entry.told.draining ? 'draining' : 'online', sessions: entry.told.sessions, lastSeenAt };
  }
}

const isFresh = (at: number): boolean => Date.now() - at <= PRESENCE_LIMIT_MS;

import { Injectable } from '@nestjs/common';
import {
  type AgentFeed,
  GATEWAY_PRESENCE,
  type Node,
  Presence as PresenceMessage,
  PRESENCE_LIMIT_MS,
  presentNode,
  type PresentNode,
  RELAY_PRESENCE,
} from '@sluice/contracts';
import { Bus } from '@sluice/messaging';

/** Which nodes are there: heard from the nodes themselves, kept in memory. */
@Injectable()
export class Presence {
  private readonly heard = new Map<string, { node: PresentNode; said: PresenceMessage; at: number }>();

  constructor(private readonly bus: Bus) {}

  start(): void {
    for (const subjects of [RELAY_PRESENCE, GATEWAY_PRESENCE]) {
      this.bus.hear(subjects, PresenceMessage, (said, subject) => {
        const node = presentNode(subject);
        if (node) this.heard.set(node.id, { node, said, at: Date.now() });
      });
    }
  }

  /** Relays of these clusters that listen themselves and take sessions now. */
  listeningRelays(clusters: ReadonlySet<string>): AgentFeed['relays'] {
    return [...this.heard.values()].flatMap(({ node: { id, cluster }, said: { address, draining }, at }) =>
      address !== null && cluster !== null && clusters.has(cluster) && !draining && isFresh(at) ? [{ id, cluster, address }] : [],
    );
  }

  /** When each node was heard last, milliseconds since 1970. */
  get lastHeard(): ReadonlyMap<string, number> {
    return new Map([...this.heard].map(([id, { at }]) => [id, at]));
  }

  /** Where a node says that it listens. */
  addressOf(nodeId: string): string | null {
    return this.heard.get(nodeId)?.said.address ?? null;
  }

  /** State, sessions and last word of a node. */
  of(nodeId: string): Pick<Node, 'state' | 'sessions' | 'lastSeenAt'> {
    const entry = this.heard.get(nodeId);
    if (!entry) return { state: 'offline', sessions: null, lastSeenAt: null };
    const lastSeenAt = new Date(entry.at).toISOString();
    if (!isFresh(entry.at)) return { state: 'offline', sessions: null, lastSeenAt };
    return { state: entry.said.draining ? 'draining' : 'online', sessions: entry.said.sessions, lastSeenAt };
  }
}

const isFresh = (at: number): boolean => Date.now() - at <= PRESENCE_LIMIT_MS;

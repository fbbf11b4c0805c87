import { Injectable } from '@nestjs/common';
import { type Node, NodePresent, PRESENCE_LIMIT_MS } from '@sluice/contracts';
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

  /** State, sessions and last word of a node. */
  of(nodeId: string): Pick<Node, 'state' | 'sessions' | 'lastSeenAt'> {
    const entry = this.heard.get(nodeId);
    if (!entry) return { state: 'offline', sessions: null, lastSeenAt: null };
    const lastSeenAt = new Date(entry.at).toISOString();
    if (Date.now() - entry.at > PRESENCE_LIMIT_MS) return { state: 'offline', sessions: null, lastSeenAt };
    return { state: entry.told.draining ? 'draining' : 'online', sessions: entry.told.sessions, lastSeenAt };
  }
}

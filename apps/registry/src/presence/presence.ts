import { EventEmitter, once } from 'node:events';
import { Injectable, type OnModuleInit } from '@nestjs/common';
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

const SWEEP_EVERY_MS = 3600_000;
/** Nodes not heard for this long are forgotten here, in milliseconds. */
const KEEP_MS = 2 * 24 * 3600_000;

const MAX_GATEWAYS = 1000;

/** A node whose presence is asked for: its kind counts, because gateways share one bus user, and none of them may speak for a relay. */
export type NodeName = Pick<PresentNode, 'id' | 'kind'>;

const keyOf = ({ id, kind }: NodeName): string => `${kind} ${id}`;

/** Which nodes are online, by the presence that they publish. Kept in memory. */
@Injectable()
export class Presence implements OnModuleInit {
  private readonly heard = new Map<string, { node: PresentNode; said: PresenceMessage; at: number }>();

  private sweptAt = 0;
  private readonly words = new EventEmitter().setMaxListeners(0); // one for each change whose relays are waited for

  constructor(private readonly bus: Bus) {}

  onModuleInit(): void {
    for (const subjects of [RELAY_PRESENCE, GATEWAY_PRESENCE]) {
      this.bus.subscribe(subjects, PresenceMessage, (said, subject) => {
        const node = presentNode(subject);
        if (!node || !this.hasRoomFor(node)) return;
        this.heard.set(keyOf(node), { node, said, at: Date.now() });
        this.words.emit('word');
        this.forgetLongGone();
      });
    }
  }

  /** Gateways share one bus user, so one of them can publish any number of ids: those that are silent are dropped first, and the number that is kept is more than any installation has. */
  private hasRoomFor(node: PresentNode): boolean {
    if (node.kind !== 'gateway' || this.heard.has(keyOf(node))) return true;
    const gateways = [...this.heard].filter(([, { node: known }]) => known.kind === 'gateway');
    if (gateways.length < MAX_GATEWAYS) return true;
    const silent = gateways.filter(([, { at }]) => !isFresh(at));
    for (const [key] of silent) this.heard.delete(key);
    return silent.length > 0;
  }

  /** The database keeps when each was last seen. */
  private forgetLongGone(): void {
    if (Date.now() - this.sweptAt < SWEEP_EVERY_MS) return;
    this.sweptAt = Date.now();
    for (const [key, { at }] of this.heard) if (Date.now() - at > KEEP_MS) this.heard.delete(key);
  }

  /** Waits for the next word of any node, but no longer than the time (milliseconds). */
  async nextWord(withinMs: number): Promise<void> {
    await once(this.words, 'word', { signal: AbortSignal.timeout(Math.max(0, withinMs)) }).catch(() => undefined);
  }

  /** The revision of its policy bucket up to which a node decides; 0 where it has not said. */
  appliedBy(node: NodeName): number {
    return this.heard.get(keyOf(node))?.said.applied ?? 0;
  }

  /** Whether a node has said a short time ago that it is there. */
  isHere(node: NodeName): boolean {
    const entry = this.heard.get(keyOf(node));
    return entry !== undefined && entry.said.left !== true && isFresh(entry.at);
  }

  /** Whether a node has published that it has ended. */
  hasLeft(node: NodeName): boolean {
    return this.heard.get(keyOf(node))?.said.left === true;
  }

  /** Relays of these clusters that listen themselves and take sessions now. */
  listeningRelays(clusters: ReadonlySet<string>): AgentFeed['relays'] {
    return [...this.heard.values()].flatMap(({ node: { id, cluster }, said: { address, draining }, at }) =>
      address !== null && cluster !== null && clusters.has(cluster) && !draining && isFresh(at) ? [{ id, cluster, address }] : [],
    );
  }

  /** When a node was heard last, milliseconds since 1970; undefined where it was not. */
  heardAt(node: NodeName): number | undefined {
    return this.heard.get(keyOf(node))?.at;
  }

  /** When each node was heard last, milliseconds since 1970. */
  get lastHeard(): readonly (NodeName & { readonly at: number })[] {
    return [...this.heard.values()].map(({ node: { id, kind }, at }) => ({ id, kind, at }));
  }

  /** Where a node says that it listens. */
  addressOf(node: NodeName): string | null {
    return this.heard.get(keyOf(node))?.said.address ?? null;
  }

  /** State and sessions of a node, and when its presence was last received. */
  of(node: NodeName): Pick<Node, 'state' | 'sessions' | 'lastSeenAt'> {
    const entry = this.heard.get(keyOf(node));
    if (!entry) return { state: 'offline', sessions: null, lastSeenAt: null };
    const lastSeenAt = new Date(entry.at).toISOString();
    if (!this.isHere(node)) return { state: 'offline', sessions: null, lastSeenAt };
    return { state: entry.said.draining ? 'draining' : 'online', sessions: entry.said.sessions, lastSeenAt };
  }
}

const isFresh = (at: number): boolean => Date.now() - at <= PRESENCE_LIMIT_MS;

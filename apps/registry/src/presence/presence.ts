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
import { OLDEST_NEIGHBOUR, upgradeNeeded } from '@sluice/domain';
import { Bus } from '@sluice/messaging';

const SWEEP_EVERY_MS = 3600_000;
/** Nodes whose presence was not received for this long are dropped from memory, in milliseconds. */
const KEEP_MS = 2 * 24 * 3600_000;
/** How long a node must be silent after its goodbye. A node that is there publishes its presence more often. */
const SILENT_AFTER_GOODBYE_MS = 2000;

const MAX_GATEWAYS = 1000;

/** Identifies a node. The kind is part of it, because all gateways share one bus user, and none of them may pose as a relay. */
export type NodeName = Pick<PresentNode, 'id' | 'kind'>;

const keyOf = ({ id, kind }: NodeName): string => `${kind} ${id}`;

/** Knows which nodes are online from the presence that they publish. Kept in memory only. */
@Injectable()
export class Presence implements OnModuleInit {
  private readonly latest = new Map<string, { node: PresentNode; message: PresenceMessage; at: number }>();

  private sweptAt = 0;
  private readonly updates = new EventEmitter().setMaxListeners(0); // each change that waits for relays adds a listener

  constructor(private readonly bus: Bus) {}

  onModuleInit(): void {
    for (const subjects of [RELAY_PRESENCE, GATEWAY_PRESENCE]) {
      this.bus.subscribe(subjects, PresenceMessage, (message, subject) => {
        const node = presentNode(subject);
        if (!node || !this.hasRoomFor(node)) return;
        this.latest.set(keyOf(node), { node, message, at: Date.now() });
        this.updates.emit('update');
        this.forgetLongGone();
      });
    }
  }

  /**
   * Whether the presence of a node may be stored. Gateways share one bus user, so one of them could publish any number of ids.
   * Their number is limited to more than any installation has, and silent ones are dropped first.
   */
  private hasRoomFor(node: PresentNode): boolean {
    if (node.kind !== 'gateway' || this.latest.has(keyOf(node))) return true;
    const gateways = [...this.latest].filter(([, { node: known }]) => known.kind === 'gateway');
    if (gateways.length < MAX_GATEWAYS) return true;
    const silent = gateways.filter(([, { at }]) => !isFresh(at));
    for (const [key] of silent) this.latest.delete(key);
    return silent.length > 0;
  }

  /** Drops nodes that have been gone for long. The database still has when each was last seen. */
  private forgetLongGone(): void {
    if (Date.now() - this.sweptAt < SWEEP_EVERY_MS) return;
    this.sweptAt = Date.now();
    for (const [key, { at }] of this.latest) if (Date.now() - at > KEEP_MS) this.latest.delete(key);
  }

  /** Waits for the next presence of any node, but at most `withinMs` milliseconds. */
  async nextUpdate(withinMs: number): Promise<void> {
    await once(this.updates, 'update', { signal: AbortSignal.timeout(Math.max(0, withinMs)) }).catch(() => undefined);
  }

  /** The revision of its policy bucket up to which a node has applied the policy; 0 if it has not published any. */
  appliedBy(node: NodeName): number {
    return this.latest.get(keyOf(node))?.message.applied ?? 0;
  }

  /** Whether a node has published its presence recently, and has not stopped. */
  isHere(node: NodeName): boolean {
    const entry = this.latest.get(keyOf(node));
    return entry !== undefined && isFresh(entry.at) && !this.hasLeft(node);
  }

  /** Whether a node has published that it has stopped, and was silent after that: one that says so again and again is still there. */
  hasLeft(node: NodeName): boolean {
    const entry = this.latest.get(keyOf(node));
    return entry?.message.left === true && Date.now() - entry.at >= SILENT_AFTER_GOODBYE_MS;
  }

  /** Relays of these clusters that have a listening address and accept sessions now. */
  listeningRelays(clusters: ReadonlySet<string>): AgentFeed['relays'] {
    return [...this.latest.values()].flatMap(({ node: { id, cluster }, message: { address, draining }, at }) =>
      address !== null && cluster !== null && clusters.has(cluster) && !draining && isFresh(at) ? [{ id, cluster, address }] : [],
    );
  }

  /** When the presence of a node was last received, milliseconds since 1970; undefined if never. */
  seenAt(node: NodeName): number | undefined {
    return this.latest.get(keyOf(node))?.at;
  }

  /** When the presence of each node was last received, milliseconds since 1970. */
  get lastSeen(): readonly (NodeName & { readonly at: number })[] {
    return [...this.latest.values()].map(({ node: { id, kind }, at }) => ({ id, kind, at }));
  }

  /** The address at which a node listens, as it published. */
  addressOf(node: NodeName): string | null {
    return this.latest.get(keyOf(node))?.message.address ?? null;
  }

  /** Fingerprints of the authorities that a node accepts, first the one of its own certificate; undefined if it has not published any. */
  authoritiesOf(node: NodeName): readonly string[] | undefined {
    return this.latest.get(keyOf(node))?.message.authorities;
  }

  /** State, load and release of a node, and when its presence was last received. */
  of(node: NodeName): Pick<Node, 'state' | 'sessions' | 'bytesPerSecond' | 'release' | 'upgradeNeeded' | 'lastSeenAt'> {
    const entry = this.latest.get(keyOf(node));
    const away = { state: 'offline', sessions: null, bytesPerSecond: null } as const;
    if (!entry) return { ...away, release: null, upgradeNeeded: null, lastSeenAt: null };
    const { draining, sessions, bytesPerSecond = null, release = null } = entry.message;
    const lastSeenAt = new Date(entry.at).toISOString();
    const needed = upgradeNeeded('the node', entry.message.release) === undefined ? null : OLDEST_NEIGHBOUR;
    const seen = { release, upgradeNeeded: needed, lastSeenAt };
    if (!this.isHere(node)) return { ...away, ...seen };
    return { state: draining ? 'draining' : 'online', sessions, bytesPerSecond, ...seen };
  }
}

const isFresh = (at: number): boolean => Date.now() - at <= PRESENCE_LIMIT_MS;

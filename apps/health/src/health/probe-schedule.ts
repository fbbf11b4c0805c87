import { type NodeHealth, nextProbeIn } from '@sluice/domain';

/** Relays that probe one resource within an interval: enough to know, and few enough not to look like an attack on it. */
const NODES_PER_INTERVAL = 3;

interface Turn {
  /** When it was probed last, by the clock given; 0: never. */
  probedAt: number;
  /** When it is to be probed again. */
  dueAt: number;
}
const NEVER: Turn = { probedAt: 0, dueAt: 0 };

/**
 * Says which relays are to probe a resource now. In each interval a resource is probed by three relays of its cluster;
 * those that have not probed it for the longest come first, so that all of them take part in time. Times in milliseconds.
 */
export class ProbeSchedule {
  private readonly turns = new Map<string, Map<string, Turn>>();

  constructor(private readonly intervalMs: number) {}

  /** Resources that have turns. */
  get size(): number {
    return this.turns.size;
  }

  /** Relays that are to probe the resource now, out of those that could; they count as probing from now on. */
  take(resourceId: string, nodes: readonly string[], now: number): string[] {
    const turns = this.of(resourceId);
    const turnOf = (node: string): Turn => turns.get(node) ?? NEVER;
    const due = nodes.filter((node) => turnOf(node).dueAt <= now);
    if (due.length === 0) return due;
    const recent = new Set([...turns].filter(([, { probedAt }]) => probedAt > now - this.intervalMs).map(([node]) => node));
    const taken: string[] = [];
    for (const node of due.sort((a, b) => turnOf(a).probedAt - turnOf(b).probedAt)) {
      if (!recent.has(node) && recent.size >= NODES_PER_INTERVAL) continue;
      recent.add(node);
      turns.set(node, { probedAt: now, dueAt: now + this.intervalMs });
      taken.push(node);
    }
    return taken;
  }

  /** A result is there, of a probe or of a session: the next one is due so much later. `jitter` is 0 to 1. */
  note(resourceId: string, nodeId: string, health: NodeHealth, now: number, jitter: number): void {
    const turns = this.of(resourceId);
    const probedAt = turns.get(nodeId)?.probedAt ?? 0;
    turns.set(nodeId, { probedAt, dueAt: now + nextProbeIn(health, this.intervalMs, jitter) });
  }

  /** Forgets a resource that is gone, or is another one now: it is due everywhere. */
  forget(resourceId: string): void {
    this.turns.delete(resourceId);
  }

  /** Forgets a relay that is gone. */
  forgetNode(nodeId: string): void {
    for (const turns of this.turns.values()) turns.delete(nodeId);
  }

  private of(resourceId: string): Map<string, Turn> {
    let turns = this.turns.get(resourceId);
    if (!turns) this.turns.set(resourceId, (turns = new Map()));
    return turns;
  }
}

import { type NodeHealth, nextProbeIn } from '@sluice/domain';

/** How many relays probe one resource within an interval: enough to be sure, and few enough not to look like an attack. */
const NODES_PER_INTERVAL = 3;

/** When a relay probes a resource. */
interface ProbeTimes {
  /** When it last probed; 0 if it never has. */
  probedAt: number;
  /** When it is to probe next. */
  dueAt: number;
}
const NEVER: ProbeTimes = { probedAt: 0, dueAt: 0 };

/**
 * Decides which relays probe a resource now. Within an interval a resource is probed by three relays of its cluster. Those that
 * have not probed it for the longest time come first, so that all of them take part over time. Times are in milliseconds.
 */
export class ProbeSchedule {
  private readonly times = new Map<string, Map<string, ProbeTimes>>();

  constructor(private readonly intervalMs: number) {}

  /** The number of resources in the schedule. */
  get size(): number {
    return this.times.size;
  }

  /** The relays that are to probe a resource now, out of those that could. They count as probing from then on. */
  take(resourceId: string, nodes: readonly string[], now: number): string[] {
    const times = this.of(resourceId);
    const timesOf = (node: string): ProbeTimes => times.get(node) ?? NEVER;
    const due = nodes.filter((node) => timesOf(node).dueAt <= now);
    if (due.length === 0) return due;
    const recent = new Set([...times].filter(([, { probedAt }]) => probedAt > now - this.intervalMs).map(([node]) => node));
    const taken: string[] = [];
    for (const node of due.sort((a, b) => timesOf(a).probedAt - timesOf(b).probedAt)) {
      if (!recent.has(node) && recent.size >= NODES_PER_INTERVAL) continue;
      recent.add(node);
      times.set(node, { probedAt: now, dueAt: now + this.intervalMs });
      taken.push(node);
    }
    return taken;
  }

  /** Notes the result of a probe or a session, and schedules the relay's next probe. `jitter` is a random number from 0 to 1. */
  note(resourceId: string, nodeId: string, health: NodeHealth, now: number, jitter: number): void {
    const times = this.of(resourceId);
    const probedAt = times.get(nodeId)?.probedAt ?? 0;
    times.set(nodeId, { probedAt, dueAt: now + nextProbeIn(health, this.intervalMs, jitter) });
  }

  /** Drops a resource that was deleted or has a new endpoint. If it still exists, its probes are due at once. */
  forget(resourceId: string): void {
    this.times.delete(resourceId);
  }

  /** Drops a relay that is gone. */
  forgetNode(nodeId: string): void {
    for (const times of this.times.values()) times.delete(nodeId);
  }

  private of(resourceId: string): Map<string, ProbeTimes> {
    let times = this.times.get(resourceId);
    if (!times) this.times.set(resourceId, (times = new Map()));
    return times;
  }
}

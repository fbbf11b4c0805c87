import { type NodeHealth, noteResult, UNKNOWN_HEALTH } from '@sluice/domain';
import type { ServerHealth } from '@sluice/contracts';

/** A check that changes nothing is shown too, so that people see when the last one was, but not more often than this, in milliseconds. */
const SHOW_EVERY_MS = 60_000;

/** The health of every resource as seen from every node, in memory. It reports when something that people see has changed. */
export class HealthBoard {
  private readonly resources = new Map<string, Map<string, NodeHealth>>();
  /** When the health of a resource was shown last, milliseconds since 1970. */
  private readonly shownAt = new Map<string, number>();
  private readonly names = new Map<string, string>();

  /** The number of resources with results. */
  get size(): number {
    return this.resources.size;
  }

  /** Notes the name of a node. */
  nameNode(id: string, name: string): void {
    this.names.set(id, name);
  }

  /** The health of a resource as seen from a node. */
  of(resourceId: string, nodeId: string): NodeHealth {
    return this.resources.get(resourceId)?.get(nodeId) ?? UNKNOWN_HEALTH;
  }

  /**
   * Notes the result of a dial.
   * @param error undefined for success
   * @param roundTripMs how long a probe took to connect
   * @returns the resource's health if it or a node's state or error changed, or if it was not shown for a minute
   */
  note(
    resourceId: string,
    nodeId: string,
    error: string | undefined,
    now: number,
    roundTripMs?: number,
  ): { health: ServerHealth; turned: boolean } | undefined {
    const before = this.show(resourceId);
    const nodes = this.resources.get(resourceId) ?? new Map<string, NodeHealth>();
    this.resources.set(resourceId, nodes);
    const known = this.of(resourceId, nodeId);
    const after = noteResult(known, error, now, roundTripMs);
    nodes.set(nodeId, after);
    const health = this.show(resourceId);
    const turned = before.state !== health.state;
    const isOld = now - (this.shownAt.get(resourceId) ?? -Infinity) >= SHOW_EVERY_MS;
    if (!turned && known.state === after.state && error === undefined && !isOld) return undefined;
    this.shownAt.set(resourceId, now);
    return { health, turned };
  }

  /** Drops the results of a resource that was deleted, or whose host or port was changed. */
  forget(resourceId: string): void {
    this.resources.delete(resourceId);
    this.shownAt.delete(resourceId);
  }

  /** Drops the results of a node that is gone, which are out of date. @returns the resources that had some */
  forgetNode(nodeId: string): string[] {
    this.names.delete(nodeId);
    return [...this.resources].filter(([, nodes]) => nodes.delete(nodeId)).map(([id]) => id);
  }

  /** A resource's health: it is healthy if at least one node reaches it. */
  show(resourceId: string): ServerHealth {
    const nodes = [...(this.resources.get(resourceId) ?? [])].map(([nodeId, health]) => ({
      nodeId,
      nodeName: this.names.get(nodeId) ?? nodeId,
      state: health.state,
      ...(health.checkedAt === undefined ? {} : { checkedAt: new Date(health.checkedAt).toISOString() }),
      ...(health.roundTripMs === undefined ? {} : { roundTripMs: health.roundTripMs }),
      ...(health.lastError === undefined ? {} : { lastError: health.lastError }),
      ...(health.lastErrorAt === undefined ? {} : { lastErrorAt: new Date(health.lastErrorAt).toISOString() }),
    }));
    return { state: nodes.some((node) => node.state === 'healthy') ? 'healthy' : 'unhealthy', nodes };
  }
}

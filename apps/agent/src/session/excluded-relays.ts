const REMEMBERED_MS = 60_000;
/** Reasons for a refusal that mean that the relay cannot reach the resource. */
const OUT_OF_REACH = new Set(['connect refused', 'unreachable', 'dial timeout', 'name not resolved', 'egress denied']);

/** Relays that could not reach a resource while another could. They are excluded for a minute, then tried again. */
export class ExcludedRelays {
  private readonly until = new Map<string, Map<string, number>>();

  /** The relays that are excluded for a resource at the moment. */
  of(resourceId: string): string[] {
    const relays = this.until.get(resourceId);
    if (!relays) return [];
    for (const [relayId, until] of relays) if (until <= Date.now()) relays.delete(relayId);
    if (relays.size === 0) this.until.delete(resourceId);
    return [...relays.keys()];
  }

  /** Excludes the relays that could not reach the resource; called when another relay has just reached it. */
  note(resourceId: string, refusals: ReadonlyMap<string, string>): void {
    for (const [relayId, reason] of refusals) {
      if (!OUT_OF_REACH.has(reason)) continue;
      const relays = this.until.get(resourceId) ?? new Map<string, number>();
      this.until.set(resourceId, relays.set(relayId, Date.now() + REMEMBERED_MS));
    }
  }

  /** Lifts all exclusions for a resource; called when no other relay is left. */
  forget(resourceId: string): void {
    this.until.delete(resourceId);
  }
}

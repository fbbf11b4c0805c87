const REMEMBERED_MS = 60_000;
/** Refusals that say that this relay does not reach that resource. */
const OUT_OF_REACH = new Set(['connect refused', 'unreachable', 'dial timeout', 'name not resolved', 'egress denied']);

/** Relays that did not reach a resource while another did: excluded for a minute, then tried again. */
export class ExcludedRelays {
  private readonly until = new Map<string, Map<string, number>>();

  /** Relays to avoid for a resource. */
  of(resourceId: string): string[] {
    const relays = this.until.get(resourceId);
    if (!relays) return [];
    for (const [relayId, until] of relays) if (until <= Date.now()) relays.delete(relayId);
    if (relays.size === 0) this.until.delete(resourceId);
    return [...relays.keys()];
  }

  /** Another relay has just reached the resource: those that refused with these reasons are excluded. */
  note(resourceId: string, refusals: ReadonlyMap<string, string>): void {
    for (const [relayId, reason] of refusals) {
      if (!OUT_OF_REACH.has(reason)) continue;
      const relays = this.until.get(resourceId) ?? new Map<string, number>();
      this.until.set(resourceId, relays.set(relayId, Date.now() + REMEMBERED_MS));
    }
  }

  /** No other relay is there: all are to be tried again. */
  forget(resourceId: string): void {
    this.until.delete(resourceId);
  }
}

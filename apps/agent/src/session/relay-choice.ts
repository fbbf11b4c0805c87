import type { ExcludedRelays } from './excluded-relays.js';

/** Reasons for a refusal that soon pass: while JetStream elects a leader, an ephemeral relay cannot record sessions. */
const SOON_PASSED = new Set(['journal failed']);

/** Which relays the attempts of one connection may use, by how the earlier ones ended. */
export class RelayChoice {
  private excludedNow: readonly string[];
  /** Why each relay has refused the session. */
  private readonly refusals = new Map<string, string>();
  private readonly lost: string[] = [];

  constructor(
    private readonly excluded: ExcludedRelays,
    private readonly resourceId: string,
  ) {
    this.excludedNow = excluded.of(resourceId);
  }

  /** Relays that another attempt must not use. */
  get avoid(): readonly string[] {
    return [...this.excludedNow, ...this.refusals.keys()];
  }

  /** Relays whose link was lost during an attempt. */
  get suspect(): readonly string[] {
    return this.lost;
  }

  noteRefusal(relayId: string, reason: string): void {
    this.refusals.set(relayId, reason);
  }

  noteLost(relayId: string): void {
    this.lost.push(relayId);
  }

  /** Excludes for a while the relays that could not reach the resource, because another one has reached it. */
  noteOpened(): void {
    this.excluded.note(this.resourceId, this.refusals);
  }

  /** Lets relays be asked again whose reason soon passes, when no other relay is available. @returns whether there are any */
  allowRefused(): boolean {
    const passed = [...this.refusals].filter(([, reason]) => SOON_PASSED.has(reason));
    for (const [relayId] of passed) this.refusals.delete(relayId);
    return passed.length > 0;
  }

  /** Lifts the exclusions when no other relay is available. @returns whether there were any */
  allowExcluded(): boolean {
    if (this.excludedNow.length === 0) return false;
    this.excluded.forget(this.resourceId);
    this.excludedNow = [];
    return true;
  }
}

import { addressKey, Tally } from '@sluice/domain';
import type { LiveSession } from './live-session.js';

/** The sessions that are here now, counted by account, source address and resource. */
export class LiveSessions {
  private readonly byId = new Map<string, LiveSession>();
  private readonly accounts = new Tally();
  private readonly addresses = new Tally();
  private readonly resources = new Tally();

  get all(): number {
    return this.byId.size;
  }

  /** How many an account has. */
  ofAccount(id: string): number {
    return this.accounts.of(id);
  }

  /** How many come from a source address. */
  fromAddress(address: string): number {
    return this.addresses.of(addressKey(address));
  }

  /** How many go to a resource. */
  toResource(id: string): number {
    return this.resources.of(id);
  }

  get(id: string): LiveSession | undefined {
    return this.byId.get(id);
  }

  add(session: LiveSession): void {
    this.byId.set(session.id, session);
    this.count(session, 1);
  }

  delete(session: LiveSession): void {
    if (this.byId.delete(session.id)) this.count(session, -1);
  }

  [Symbol.iterator](): Iterator<LiveSession> {
    return this.byId.values();
  }

  private count(session: LiveSession, by: 1 | -1): void {
    this.accounts.add(session.peer.accountId, by);
    this.addresses.add(addressKey(session.peer.client.address), by);
    this.resources.add(session.resourceId, by);
  }
}

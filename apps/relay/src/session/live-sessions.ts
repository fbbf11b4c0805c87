import { Tally } from '@sluice/domain';
import type { LiveSession } from './live-session.js';

/** The sessions at this relay, counted by account, source address and resource. */
export class LiveSessions {
  private readonly byId = new Map<string, LiveSession>();
  private readonly accounts = new Tally();
  private readonly addresses = new Tally();
  private readonly resources = new Tally();

  get all(): number {
    return this.byId.size;
  }

  /** Number of sessions of an account. */
  ofAccount(id: string): number {
    return this.accounts.of(id);
  }

  /** Number of sessions from a source address, in the form that `addressKey` returns. */
  fromAddress(key: string): number {
    return this.addresses.of(key);
  }

  /** Number of sessions to a resource. */
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
    this.addresses.add(session.addressKey, by);
    this.resources.add(session.resourceId, by);
  }
}

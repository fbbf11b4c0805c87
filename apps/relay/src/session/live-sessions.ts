import type { LiveSession } from './live-session.js';

/** The sessions that are here now, counted by account and by resource. */
export class LiveSessions {
  private readonly byId = new Map<string, LiveSession>();
  private readonly accounts = new Map<string, number>();
  private readonly resources = new Map<string, number>();

  get all(): number {
    return this.byId.size;
  }

  /** How many an account has. */
  ofAccount(id: string): number {
    return this.accounts.get(id) ?? 0;
  }

  /** How many go to a resource. */
  toResource(id: string): number {
    return this.resources.get(id) ?? 0;
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

  private count(session: LiveSession, by: number): void {
    bump(this.accounts, session.peer.accountId, by);
    bump(this.resources, session.resourceId, by);
  }
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

import { type ChangedSession, type Changes, MAX_CHANGED_IDS, type ObjectsChanged, type SessionsChanged } from '@sluice/contracts';

/** How many ids a fold has of each kind: more than one message, because a user sees only some of them. */
const MAX_IDS = 2000;

type SessionList = 'opened' | 'closed' | 'progressed';
const LISTS: readonly SessionList[] = ['opened', 'closed', 'progressed'];

/** The account behind a stream: administrators and auditors see every change, a user those of their own sessions and account. */
export interface Watcher {
  readonly accountId: string;
  readonly seesAll: boolean;
}

/** Combined changes: each id once, however often it has changed, and a limited number of ids. */
export class ChangeFold {
  /** The account of each session, by the session's id. */
  private readonly sessions: Record<SessionList, Map<string, string | null>> = {
    opened: new Map(),
    closed: new Map(),
    progressed: new Map(),
  };
  private readonly objects = new Map<string, Set<string>>();
  /** Kinds of objects of which more have changed than there are ids here. */
  private readonly fullKinds = new Set<string>();
  /** Whether more sessions have changed than there are ids here. */
  private more = false;
  /** Whether what accounts may reach has changed. */
  private feed = false;

  /** How many ids it holds. */
  get size(): number {
    let size = 0;
    for (const list of LISTS) size += this.sessions[list].size;
    for (const ids of this.objects.values()) size += ids.size;
    return size;
  }

  get isEmpty(): boolean {
    return this.size === 0 && !this.more && !this.feed;
  }

  addSessions(changed: SessionsChanged): void {
    this.more ||= changed.more;
    for (const list of LISTS) for (const session of changed[list]) this.addSession(list, session);
  }

  addObjects({ objects, feed }: ObjectsChanged): void {
    this.feed ||= feed;
    for (const { kind, ids } of objects) for (const id of ids) this.addObject(kind, id);
  }

  /** Adds the changes of a later fold. */
  addFold(other: ChangeFold): void {
    this.more ||= other.more;
    this.feed ||= other.feed;
    for (const list of LISTS) for (const [id, account] of other.sessions[list]) this.addSession(list, { id, account });
    for (const [kind, ids] of other.objects) for (const id of ids) this.addObject(kind, id);
    for (const kind of other.fullKinds) this.fullKinds.add(kind);
  }

  /** The part that a watcher may see; undefined if there is nothing. */
  seenBy(watcher: Watcher, at: string): Changes | undefined {
    return watcher.seesAll ? this.asWhole(at) : this.asOwn(watcher.accountId, at);
  }

  private asWhole(at: string): Changes {
    const objects = [...this.objects].map(([kind, ids]) => ({
      kind,
      ids: [...ids].slice(0, MAX_CHANGED_IDS),
      more: ids.size > MAX_CHANGED_IDS || this.fullKinds.has(kind),
    }));
    return { at, sessions: this.shownSessions(() => true), objects: [...objects, ...this.feedHint()] };
  }

  private asOwn(accountId: string, at: string): Changes | undefined {
    const sessions = this.shownSessions((account) => account === accountId);
    const own = this.objects.get('user')?.has(accountId) === true ? [{ kind: 'user', ids: [accountId], more: false }] : [];
    const objects = [...own, ...this.feedHint()];
    const isNothing = objects.length === 0 && !sessions.more && LISTS.every((list) => sessions[list].length === 0);
    return isNothing ? undefined : { at, sessions, objects };
  }

  private shownSessions(isSeen: (account: string | null) => boolean): Changes['sessions'] {
    const shown = { opened: [] as string[], closed: [] as string[], progressed: [] as string[], more: this.more };
    for (const list of LISTS) {
      for (const [id, account] of this.sessions[list]) {
        if (!isSeen(account)) continue;
        if (shown[list].length < MAX_CHANGED_IDS) shown[list].push(id);
        else shown.more = true;
      }
    }
    return shown;
  }

  private feedHint(): Changes['objects'] {
    return this.feed ? [{ kind: 'feed', ids: [], more: true }] : [];
  }

  private addSession(list: SessionList, { id, account }: ChangedSession): void {
    const sessions = this.sessions[list];
    if (sessions.size < MAX_IDS || sessions.has(id)) sessions.set(id, account);
    else this.more = true;
  }

  private addObject(kind: string, id: string): void {
    const ids = this.objects.get(kind) ?? new Set();
    this.objects.set(kind, ids);
    if (ids.size < MAX_IDS || ids.has(id)) ids.add(id);
    else this.fullKinds.add(kind);
  }
}

import { type AttemptEnded, MAX_FACT_DURATION_MS, type SessionClosed, type SessionOpened } from '@sluice/contracts';
import {
  type AttemptEnd,
  type EndReason,
  moveSession,
  type SessionEnd,
  type SessionSettings,
  type SessionState,
} from '@sluice/domain';
import type { CarryCounts, Endpoint } from '@sluice/tunnel';
import { endedBy, factTags, messageText, nameText } from '../fact/fact-text.js';

/** Who is at the other end of a link, as it proved itself. */
export interface LinkPeer {
  readonly accountId: string;
  readonly loginId: string;
  /** The gateway that joined the connection; null where the agent reached this relay itself. */
  readonly gatewayId: string | null;
  /** The agent's end, as the gateway saw it, or this relay. */
  readonly client: Endpoint;
  /** When the agent's certificate ends, milliseconds since 1970. */
  readonly expiresAt: number;
  /** When it was issued, milliseconds since 1970. */
  readonly issuedAt: number;
}

/** Somebody or something that ends a session from outside. */
export interface Ending {
  readonly reason: SessionEnd;
  readonly message: string;
  readonly by?: SessionClosed['endedBy'];
  /** When the change that ends it was committed, milliseconds since 1970. */
  readonly changedAt?: number;
}

/** Of a session that has carried nothing. */
export const NO_BYTES: CarryCounts = { handed: 0, delivered: 0, read: 0 };

/** One session at this relay, from the receipt of `open` to its end; it knows what is to be recorded of it. */
export class LiveSession {
  private state: SessionState = 'requested';
  private readonly startedAt = new Date();
  private readonly startedMs = performance.now();
  private endBy: ((ending: Ending) => void) | undefined;
  private countsNow: () => CarryCounts = () => NO_BYTES;
  private checkpointed = 0;
  private bytesSeen = 0;
  private quietSinceMs = performance.now();
  /** The first word from outside that ends it; what comes later changes nothing. */
  ending: Ending | undefined;

  constructor(
    /** Made by `SessionIds`: it names this relay. */
    readonly id: string,
    readonly peer: LinkPeer,
    readonly resourceId: string,
    private readonly request: { requestId: string; attempt: number; sharedListener: boolean },
    private readonly relay: { id: string; name: string; cluster: string },
  ) {}

  /** What the decision found out: names as they are now. */
  facts: {
    email: string | null;
    name: string | null;
    endpoint: string | null;
    tags: Record<string, string> | null;
    rule: string | null;
  } = {
    email: null,
    name: null,
    endpoint: null,
    tags: null,
    rule: null,
  };

  move(to: SessionState): void {
    this.state = moveSession(this.state, to);
    this.quietSinceMs = performance.now();
  }

  get active(): boolean {
    return this.state === 'active';
  }

  /** Ends it from outside: at once when bytes are carried, else as soon as it would begin. */
  end(ending: Ending): void {
    if (this.ending) return;
    this.ending = ending;
    this.endBy?.(ending);
  }

  /** Says how it can be ended and counted while bytes are carried. */
  carriedBy(end: (ending: Ending) => void, counts: () => CarryCounts): void {
    this.endBy = end;
    this.countsNow = counts;
    if (this.ending) end(this.ending);
  }

  get durationMs(): number {
    return Math.round((performance.now() - this.startedMs) * 1000) / 1000;
  }

  /**
   * Looks whether the session has run its time. Called about once a second, so an idle time is counted from the first
   * look that found no new byte.
   */
  overtime({ idleTimeoutSeconds, maxSessionSeconds }: SessionSettings): Ending | undefined {
    if (!this.active) return undefined;
    const { handed, read } = this.countsNow();
    const now = performance.now();
    if (handed + read !== this.bytesSeen) {
      this.bytesSeen = handed + read;
      this.quietSinceMs = now;
    }
    if (maxSessionSeconds > 0 && now - this.startedMs >= maxSessionSeconds * 1000)
      return { reason: 'maximum length', message: `sessions to this server last at most ${maxSessionSeconds} s` };
    if (idleTimeoutSeconds > 0 && now - this.quietSinceMs >= idleTimeoutSeconds * 1000)
      return { reason: 'idle', message: `nothing was carried for ${idleTimeoutSeconds} s` };
    return undefined;
  }

  /** Bytes since the last checkpoint, if there were any. Up is what the resource's kernel took for certain. */
  checkpoint() {
    const { delivered, read } = this.countsNow();
    if (!this.active || delivered + read === this.checkpointed) return undefined;
    this.checkpointed = delivered + read;
    return { sessionId: this.id, at: new Date().toISOString(), bytesUp: delivered, bytesDown: read, durationMs: this.durationMs };
  }

  opened(dialledAddress: string): SessionOpened {
    return { ...this.beginning(), dialledAddress: nameText(dialledAddress) };
  }

  /** The attempt's record when it never became active. */
  attemptEnded(endReason: AttemptEnd, message: string, dialledAddress: string | null): AttemptEnded {
    return {
      ...this.beginning(),
      dialledAddress: nameText(dialledAddress),
      endReason,
      message: messageText(message),
      endedAt: new Date().toISOString(),
      durationMs: this.durationMs,
      repeats: 1,
    };
  }

  /**
   * The record's end. Only where both directions ended is it certain that the resource has read everything: of what was
   * handed over before a cut, any part may have been dropped in the kernels of either side.
   */
  closed(endReason: EndReason, message: string | null, counts: CarryCounts, agent: SessionClosed['agent']): SessionClosed {
    const ended = endReason === 'client closed' || endReason === 'resource closed';
    const exact = counts.handed === counts.delivered && (ended || counts.handed === 0);
    const { ending } = this;
    const revocationMs =
      ending?.changedAt !== undefined && ending.reason === endReason
        ? Math.min(Math.max(0, Date.now() - ending.changedAt), MAX_FACT_DURATION_MS)
        : null;
    return {
      sessionId: this.id,
      endReason,
      message: messageText(message),
      endedAt: new Date().toISOString(),
      durationMs: this.durationMs,
      bytesUp: counts.handed,
      bytesDown: counts.read,
      exactness: exact ? 'exact' : 'at most',
      agent,
      endedBy: ending?.by ? endedBy(ending.by) : null,
      revocationMs,
    };
  }

  private beginning() {
    const { email, name, endpoint, tags, rule } = this.facts;
    return {
      sessionId: this.id,
      requestId: this.request.requestId,
      attempt: this.request.attempt,
      account: { id: this.peer.accountId, email: nameText(email) },
      loginId: this.peer.loginId,
      resource: {
        id: this.resourceId,
        name: nameText(name),
        endpoint: nameText(endpoint),
        tags: tags && factTags(tags),
      },
      cluster: this.relay.cluster,
      relay: { id: this.relay.id, name: nameText(this.relay.name) },
      gateway: this.peer.gatewayId,
      clientAddress: showEndpoint(this.peer.client),
      sharedListener: this.request.sharedListener,
      rule: nameText(rule),
      startedAt: this.startedAt.toISOString(),
    };
  }
}

const showEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

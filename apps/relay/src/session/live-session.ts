import { type AttemptEnded, MAX_FACT_DURATION_MS, type SessionClosed, type SessionOpened } from '@sluice/contracts';
import {
  addressKey,
  type AttemptEnd,
  type EndReason,
  moveSession,
  type SessionEnd,
  type SessionSettings,
  type SessionState,
} from '@sluice/domain';
import type { CarryCounts, Endpoint } from '@sluice/tunnel';
import type { GatewayRun } from '../drain/gateway-run.js';
import { endedBy, factTags, messageText, nameText } from '../fact/fact-text.js';

/** The authenticated peer of a link. */
export interface LinkPeer {
  readonly accountId: string;
  readonly loginId: string;
  /** The gateway that paired the connection; null when the agent dialled this relay directly. */
  readonly gateway: GatewayRun | null;
  /** The agent's address, as the gateway, or this relay for a direct connection, saw it. */
  readonly client: Endpoint;
  /** When the agent's certificate expires, milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the agent's certificate was issued, milliseconds since 1970. */
  readonly issuedAt: number;
  /** Fingerprint of the authority that issued it. */
  readonly authority: string;
}

/** Why a session is ended by something other than its two sockets: an operator, the policy, a timeout or a drain. */
export interface Ending {
  readonly reason: SessionEnd;
  readonly message: string;
  readonly by?: SessionClosed['endedBy'];
  /** When the change that ends it was committed, milliseconds since 1970. */
  readonly changedAt?: number;
}

/** The counts of a session that has carried nothing. */
export const NO_BYTES: CarryCounts = { handed: 0, delivered: 0, read: 0 };

/** One session at this relay, from the receipt of `open` to its end. It builds the facts that are recorded about it. */
export class LiveSession {
  private state: SessionState = 'requested';
  private readonly startedAt = Date.now();
  private readonly startedMs = performance.now();
  private endBy: ((ending: Ending) => void) | undefined;
  private countsNow: () => CarryCounts = () => NO_BYTES;
  private checkpointed = 0;
  private bytesSeen = 0;
  private quietSinceMs = performance.now();
  /** The first reason for which it was ended from outside; later ones have no effect. */
  ending: Ending | undefined;

  /** What limits count the client's address by. */
  readonly addressKey: string;

  constructor(
    /** Made by `SessionIds`; it identifies this relay. */
    readonly id: string,
    readonly peer: LinkPeer,
    readonly resourceId: string,
    private readonly request: { requestId: string; attempt: number; sharedListener: boolean },
    private readonly relay: { id: string; name: string; cluster: string },
  ) {
    this.addressKey = addressKey(peer.client.address);
  }

  /** Names from the policy at the time of the decision, for the record. */
  namesAtStart: {
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

  /** Ends it from outside: immediately if bytes are being carried, otherwise as soon as it would begin. */
  end(ending: Ending): void {
    if (this.ending) return;
    this.ending = ending;
    this.endBy?.(ending);
  }

  /** Provides the functions that end the session and return its counts while bytes are carried. */
  carriedBy(end: (ending: Ending) => void, counts: () => CarryCounts): void {
    this.endBy = end;
    this.countsNow = counts;
    if (this.ending) end(this.ending);
  }

  /** Bytes carried so far, from the client and from the resource. */
  get bytes(): { up: number; down: number } {
    const { handed, read } = this.countsNow();
    return { up: handed, down: read };
  }

  /** The agent's id of the request, the same for all its attempts. */
  get requestId(): string {
    return this.request.requestId;
  }

  /** Which attempt of the request this is, from 1. */
  get attempt(): number {
    return this.request.attempt;
  }

  get durationMs(): number {
    return Math.round((performance.now() - this.startedMs) * 1000) / 1000;
  }

  /**
   * Returns an ending if the session has reached its maximum length or idle timeout. It is called about once a second, and idle
   * time counts from the first call that saw no new byte.
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
      return { reason: 'idle', message: `no data was transferred for ${idleTimeoutSeconds} s` };
    return undefined;
  }

  /** The bytes so far, if there were any since the last checkpoint. Bytes up are those that this machine's kernel certainly accepted. */
  checkpoint() {
    const { delivered, read } = this.countsNow();
    if (!this.active || delivered + read === this.checkpointed) return undefined;
    this.checkpointed = delivered + read;
    return { sessionId: this.id, at: new Date().toISOString(), bytesUp: delivered, bytesDown: read, durationMs: this.durationMs };
  }

  opened(dialledAddress: string): SessionOpened {
    return { ...this.beginning(), dialledAddress: nameText(dialledAddress) };
  }

  /** The fact about an attempt that never became an active session. */
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
   * The fact that the session has ended. Its counts are exact only if both directions ended in order: otherwise the kernel of
   * either side may have dropped part of what was written before the interruption.
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
    const { email, name, endpoint, tags, rule } = this.namesAtStart;
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
      gateway: this.peer.gateway?.id ?? null,
      clientAddress: showEndpoint(this.peer.client),
      sharedListener: this.request.sharedListener,
      rule: nameText(rule),
      startedAt: new Date(this.startedAt).toISOString(),
    };
  }
}

const showEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

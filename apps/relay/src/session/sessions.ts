import { SessionIds } from '@sluice/contracts';
import { type AttemptEnd, decideAccess, endReasonOfChange, outcomeOf, safeToRetry, settingsOf } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';
import { LimitedLog, type Log } from '@sluice/process';
import { Carry, encodeEndpoints, Link, Open, readBody, type Refused } from '@sluice/tunnel';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Socket } from 'node:net';
import type { z } from 'zod';
import type { RelayConfig } from '../config.js';
import { virtualSubnetOf } from '../policy/read-policy.js';
import { admit, FORGOTTEN } from './admit.js';
import { dialResource } from './dial-resource.js';
import { agentCounts, explainEnd } from './explain-end.js';
import { type Ending, type LinkPeer, LiveSession } from './live-session.js';
import { LiveSessions } from './live-sessions.js';
import type { SessionBook } from './session-book.js';

const CHECKPOINT_EVERY_MS = 5000;
const LOOK_EVERY_MS = 1000;

const carrying = new Gauge({ name: 'sluice_relay_sessions', help: 'sessions at this relay now' });
const ended = new Counter({
  name: 'sluice_relay_sessions_total',
  help: 'sessions and attempts by their end',
  labelNames: ['end_reason'],
});
const opening = new Histogram({
  name: 'sluice_relay_open_seconds',
  help: 'from open to opened, with dial and journal',
  buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1, 5],
});

/**
 * The sessions of this relay. On a link, one after another:
 *
 *   open ──► admit ──► dial ──► journal ──► opened ──► carry ──► closed
 *              └─────────┴─────────┴──► refused, failed
 */
export class Sessions {
  private readonly live = new LiveSessions();
  private readonly ids: SessionIds;
  private readonly idle = new Map<Link, LinkPeer>();
  /** Those of links that are closed once their session has ended. */
  private readonly retired = new WeakSet<LinkPeer>();
  private readonly timers: NodeJS.Timeout[];
  /** While the journal or JetStream is away, anybody who connects makes one more line. */
  private readonly notRecorded: LimitedLog;
  private draining = false;
  private emptied: (() => void) | undefined;

  constructor(
    private readonly relay: { id: string; name: string; cluster: string },
    private readonly policy: PolicyReplica,
    private readonly book: SessionBook,
    private readonly config: RelayConfig,
    private readonly log: Log,
  ) {
    this.ids = new SessionIds(relay.id);
    policy.onChange((changedAt) => this.recheck(changedAt));
    this.notRecorded = new LimitedLog(log);
    this.timers = [
      setInterval(() => this.checkpointAll(), CHECKPOINT_EVERY_MS),
      setInterval(() => this.endOverdue(), LOOK_EVERY_MS),
    ];
  }

  get count(): number {
    return this.live.all;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** Serves a link: waits for an `open`, again after each session that ended well, until the link is gone. */
  serve(link: Link, peer: LinkPeer): void {
    if (this.retired.has(peer)) return link.close();
    if (Date.now() >= peer.expiresAt) return link.destroy();
    this.idle.set(link, peer);
    const expiry = setTimeout(
      () => this.idle.has(link) && link.close(),
      Math.min(peer.expiresAt - Date.now(), 24 * 3600_000),
    ).unref();
    const leave = () => {
      clearTimeout(expiry);
      this.idle.delete(link);
    };
    link.use({
      onData: () => link.destroy(new Error('data before open')),
      onFrame: (type, body) => {
        leave();
        const open = type === 'open' ? readBody(body, Open) : undefined;
        if (!open) return link.destroy(new Error(`a ${type} frame on a link that waits for open`));
        this.run(link, peer, open).catch((error: unknown) => {
          this.log.error({ err: error }, 'a session failed inside the relay');
          link.destroy();
        });
      },
      onGone: leave,
    });
  }

  /** Closes the links of a gateway that is shutting down: those that carry, when their session has ended. */
  retireLinks(gatewayId: string): void {
    for (const [link, peer] of this.idle) if (peer.gatewayId === gatewayId) link.close();
    for (const { peer } of this.live) if (peer.gatewayId === gatewayId) this.retired.add(peer);
  }

  /** Ends one session. @returns whether it was here. */
  end(sessionId: string, ending: Ending): boolean {
    const session = this.live.get(sessionId);
    session?.end(ending);
    return session !== undefined;
  }

  /** Ends everything at once: nothing more can be recorded here, so nothing more may be carried. */
  endAll(ending: Ending): void {
    for (const session of this.live) session.end(ending);
  }

  /** Lets no new session begin; resolves when none is left, having ended the rest as `drained` at the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    this.draining = true;
    if (this.live.all > 0) {
      const timer = setTimeout(() => {
        for (const session of this.live)
          session.end({ reason: 'drained', message: 'the relay was drained and its deadline came' });
      }, deadlineMs);
      await new Promise<void>((resolve) => (this.emptied = resolve));
      clearTimeout(timer);
    }
    for (const timer of this.timers) clearInterval(timer);
    for (const link of this.idle.keys()) link.close();
  }

  private async run(link: Link, peer: LinkPeer, open: z.infer<typeof Open>): Promise<void> {
    const session = new LiveSession(this.ids.next(), peer, open.resourceId, open, this.relay);
    const clientGone = new AbortController();
    link.use({
      onData: () => link.destroy(new Error('data before opened')),
      onFrame: (type) => link.destroy(new Error(`a ${type} frame before opened`)),
      onGone: () => clientGone.abort(),
    });
    this.live.add(session);
    carrying.set(this.live.all);
    try {
      const socket = await this.connect(link, session, clientGone.signal);
      if (socket) await this.carry(link, session, socket);
    } finally {
      this.live.delete(session);
      carrying.set(this.live.all);
      if (this.live.all === 0) this.emptied?.();
    }
  }

  /** Admits, dials and journals. @returns the connected socket, or undefined after the attempt was refused or failed. */
  private async connect(link: Link, session: LiveSession, clientGone: AbortSignal): Promise<Socket | undefined> {
    const admitted = this.admit(session);
    if ('reason' in admitted) return this.reject(link, session, admitted.reason, admitted.message, null);
    session.move('dialing');
    const { resource } = admitted;
    const settings = settingsOf(this.policy.settings, resource.settings);
    const egress = { ...this.config.egress, virtualSubnet: virtualSubnetOf(this.policy) };
    const bounds = { egress, timeoutMs: settings.dialTimeoutSeconds * 1000, signal: clientGone };
    const dialled = await dialResource(resource.hostname, resource.port, bounds);
    if (!dialled.ok) return this.reject(link, session, dialled.reason, dialled.message, dialled.address);
    const { socket, address, endpoint } = dialled;
    socket.setNoDelay(settings.noDelay);
    if (settings.keepAliveSeconds > 0) socket.setKeepAlive(true, settings.keepAliveSeconds * 1000);
    socket.on('error', () => undefined); // a reset while the journal writes is seen when carrying begins
    const still = this.admit(session); // the policy may have changed while the dial went on
    if ('reason' in still) {
      socket.resetAndDestroy();
      return this.reject(link, session, still.reason, still.message, address);
    }
    try {
      await this.book.opened(session.opened(address));
    } catch (error) {
      socket.resetAndDestroy();
      this.notRecorded.error({ err: error, sessionId: session.id }, 'a session could not be recorded, so it was not begun');
      return this.reject(link, session, 'journal failed', 'this relay could not record the session', address);
    }
    opening.observe(session.durationMs / 1000);
    session.move('active');
    if (resource.proxyProtocol) socket.write(encodeEndpoints(session.peer.client, endpoint)); // before any byte of the client
    return socket;
  }

  private async carry(link: Link, session: LiveSession, socket: Socket): Promise<void> {
    link.send('opened', {});
    await new Promise<void>((resolve) => {
      const carry = new Carry(link, socket, (end) => {
        if (end.kind === 'ended') this.serve(link, session.peer); // before the next frame is read: it may be the next open
        const { reason, message } = explainEnd(end, session.ending);
        session.move('ended');
        ended.inc({ end_reason: reason });
        void this.book
          .closed(session.resourceId, session.closed(reason, message, carry.counts, agentCounts(carry, end)))
          .then(resolve);
      });
      session.carriedBy(
        (ending) => carry.abort(ending.reason, ending.message),
        () => carry.counts,
      );
      carry.start();
    });
  }

  private admit(session: LiveSession) {
    return admit(session, {
      policy: this.policy,
      book: this.book,
      config: this.config,
      draining: this.draining,
      sessions: {
        all: this.live.all - 1, // without the one that asks
        ofAccount: (id) => this.live.ofAccount(id) - 1,
        fromAddress: (address) => this.live.fromAddress(address) - 1,
        toResource: (id) => this.live.toResource(id) - 1,
      },
    });
  }

  /** Says no on the link, which may ask again, and records the attempt. */
  private reject(link: Link, session: LiveSession, reason: AttemptEnd, message: string, address: string | null): undefined {
    session.move('ended');
    ended.inc({ end_reason: reason });
    // what cannot be recorded is not answered: the agent asks another relay, or reports that none answered
    if (this.book.room === 'journal failed') return void link.destroy();
    const refused: Refused = { reason, message: message.slice(0, 400), safeToRetry: safeToRetry(reason) };
    if (link.alive) {
      link.answer('refused', refused);
      this.serve(link, session.peer);
    }
    const record = session.attemptEnded(reason, message, address);
    if (outcomeOf(reason, 'before') === 'refused') this.book.refused(record);
    else this.book.failed(record);
  }

  private recheck(changedAt: number): void {
    for (const session of this.live) {
      const { accountId, loginId, issuedAt } = session.peer;
      if (this.policy.revokedIssue(issuedAt)) session.end({ ...FORGOTTEN, changedAt });
      const decision = decideAccess(this.policy, { accountId, loginId, resourceId: session.resourceId });
      if (!decision.allowed) session.end({ reason: endReasonOfChange(decision.reason), message: decision.message, changedAt });
    }
    for (const [link, peer] of this.idle) {
      if (this.policy.revocationOf({ kind: 'account', ...peer }, peer.issuedAt) !== undefined) link.destroy();
    }
  }

  /** Ends what has run its time, and everything once the policy is too old to go by. */
  private endOverdue(): void {
    const stale = this.policy.ageMs > this.config.stale.liveMs;
    for (const session of this.live) {
      const ending = stale
        ? ({ reason: 'policy stale', message: 'the relay has not heard from the registry for too long' } as const)
        : session.overtime(settingsOf(this.policy.settings, this.policy.resource(session.resourceId)?.settings ?? {}));
      if (ending) session.end(ending);
    }
  }

  private checkpointAll(): void {
    for (const session of this.live) {
      const data = session.checkpoint();
      if (data) void this.book.checkpoint(session.resourceId, data);
    }
  }
}

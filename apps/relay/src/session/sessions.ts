import { SessionIds } from '@sluice/contracts';
import type { PolicyReplica } from '@sluice/messaging';
import { LimitedLog, type Log } from '@sluice/process';
import type { Link, Open } from '@sluice/tunnel';
import type { z } from 'zod';
import type { Drains } from '../drain/drains.js';
import type { SessionBook } from '../fact/session-book.js';
import { carrySession } from './carry-session.js';
import { type Ending, type LinkPeer, LiveSession } from './live-session.js';
import { LiveSessions } from './live-sessions.js';
import { openSession } from './open-session.js';
import { recheckAccess } from './recheck-access.js';
import { rejectAttempt } from './reject-attempt.js';
import { serveLink } from './serve-link.js';
import type { SessionConfig, SessionContext } from './session-context.js';
import { measureLive } from './session-metrics.js';
import { startTimeouts } from './timeouts.js';
import { traceOpening } from './trace-opening.js';

/**
 * The sessions of this relay. A link serves them one after another:
 *
 *   serveLink ── open ──► openSession: admit ──► dial ──► admit again ──► journal
 *      ▲                        │                                           │
 *      │                  refused or failed                               opened
 *      │                        ▼                                           ▼
 *      ├───────────────── rejectAttempt                               carrySession
 *      └──────────────────────── both directions ended ─────────────────────┘
 *
 * In addition, a session can be ended from outside through `LiveSession.end`: by a timeout (`timeouts.ts`), by a change of
 * the policy (`recheckAccess`), by an operator (`end`), and at the deadline of a drain (`timeouts.ts`, `drain`).
 */
export class Sessions {
  private readonly ids: SessionIds;
  private readonly context: SessionContext;
  private readonly stopTimeouts: () => void;
  private onEmpty: (() => void) | undefined;
  private readonly bytesOfEnded = { up: 0, down: 0 };

  constructor(
    relay: { id: string; name: string; cluster: string },
    policy: PolicyReplica,
    drains: Drains,
    book: SessionBook,
    config: SessionConfig,
    log: Log,
  ) {
    this.ids = new SessionIds(relay.id);
    this.context = {
      relay,
      policy,
      book,
      config,
      log,
      notRecorded: new LimitedLog(log),
      live: new LiveSessions(),
      idle: new Map(),
      drains,
    };
    policy.onChange(() => this.followDrains());
    policy.onChange((changedAt) => recheckAccess(this.context, changedAt));
    this.stopTimeouts = startTimeouts(this.context);
  }

  /** Number of sessions, including those that are being opened. */
  get count(): number {
    return this.context.live.all;
  }

  /** Bytes that sessions have carried since the relay started. */
  get bytes(): { up: number; down: number } {
    const bytes = { ...this.bytesOfEnded };
    for (const session of this.context.live) addTo(bytes, session.bytes);
    return bytes;
  }

  /** Serves a link, one session after another, until the link is closed. */
  serve(link: Link, peer: LinkPeer): void {
    serveLink(link, peer, this.context, (open) => this.run(link, peer, open));
  }

  /** Closes the idle links that a drain concerns, and ends the sessions whose deadline has come; `timeouts.ts` repeats the latter. */
  followDrains(): void {
    const { drains, idle, live } = this.context;
    for (const [link, { gateway }] of idle) if (drains.closesIdle(gateway)) link.close();
    for (const session of live) {
      const ending = drains.ending(session.peer.gateway, Date.now());
      if (ending) session.end(ending);
    }
  }

  /** Ends one session. @returns whether this relay has it */
  end(sessionId: string, ending: Ending): boolean {
    const session = this.context.live.get(sessionId);
    session?.end(ending);
    return session !== undefined;
  }

  /** Ends every session immediately. */
  endAll(ending: Ending): void {
    for (const session of this.context.live) session.end(ending);
  }

  /** Drains because the process stops, and resolves when no session is left. Those that still run at the deadline end as `drained`. */
  async drain(deadlineMs: number): Promise<void> {
    this.context.drains.stop(Date.now(), deadlineMs);
    this.followDrains();
    if (this.count > 0) {
      const timer = setTimeout(() => this.followDrains(), deadlineMs + 1);
      await new Promise<void>((resolve) => (this.onEmpty = resolve));
      clearTimeout(timer);
    }
    this.stopTimeouts();
    this.followDrains(); // links of the last sessions
  }

  /** Runs one session, from `open` until its end is recorded. */
  private async run(link: Link, peer: LinkPeer, open: z.infer<typeof Open>): Promise<void> {
    const { live } = this.context;
    const session = new LiveSession(this.ids.next(), peer, open.resourceId, open, this.context.relay);
    live.add(session);
    measureLive(live.all);
    const serveAgain = () => this.serve(link, peer);
    try {
      const gone = untilGone(link);
      const opened = await traceOpening(session, open.traceparent, () => openSession(session, this.context, gone));
      if ('reason' in opened) rejectAttempt(link, session, opened, this.context, serveAgain);
      else await carrySession(link, session, opened.socket, this.context, serveAgain);
    } finally {
      live.delete(session);
      addTo(this.bytesOfEnded, session.bytes);
      measureLive(live.all);
      if (live.all === 0) this.onEmpty?.();
    }
  }
}

function addTo(sum: { up: number; down: number }, { up, down }: { up: number; down: number }): void {
  sum.up += up;
  sum.down += down;
}

/** Aborted when the link is closed. Until the session is open, no frame may arrive on it. */
function untilGone(link: Link): AbortSignal {
  const gone = new AbortController();
  link.use({
    onData: () => link.destroy(new Error('data before opened')),
    onFrame: (type) => link.destroy(new Error(`a ${type} frame before opened`)),
    onGone: () => gone.abort(),
  });
  return gone.signal;
}

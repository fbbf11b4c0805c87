import type { PolicyReplica } from '@sluice/messaging';
import type { LimitedLog, Log } from '@sluice/process';
import type { Link } from '@sluice/tunnel';
import type { RelayConfig } from '../config.js';
import type { SessionBook } from '../fact/session-book.js';
import type { LinkPeer } from './live-session.js';
import type { LiveSessions } from './live-sessions.js';

/** What the parts of a session's story share. */
export interface SessionContext {
  readonly relay: { readonly id: string; readonly name: string; readonly cluster: string };
  readonly policy: PolicyReplica;
  readonly book: SessionBook;
  readonly config: RelayConfig;
  readonly log: Log;
  /** For sessions that could not be recorded: while the journal or JetStream is unavailable, every attempt would log a line. */
  readonly notRecorded: LimitedLog;
  /** Sessions from the receipt of `open` to their end. */
  readonly live: LiveSessions;
  /** Links that wait for `open`. */
  readonly idle: Map<Link, LinkPeer>;
  /** Peers whose link is closed once its session has ended. */
  readonly retired: WeakSet<LinkPeer>;
  /** No new session may begin. */
  draining: boolean;
}

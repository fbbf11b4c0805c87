import type { PolicyReplica } from '@sluice/messaging';
import type { LimitedLog, Log } from '@sluice/process';
import type { Link } from '@sluice/tunnel';
import type { RelayConfig } from '../config.js';
import type { Drains } from '../drain/drains.js';
import type { SessionBook } from '../fact/session-book.js';
import type { LinkPeer } from './live-session.js';
import type { LiveSessions } from './live-sessions.js';

/** What the operator has configured that sessions depend on. */
export type SessionConfig = Pick<RelayConfig, 'egress' | 'maxSessions' | 'staleNewMs' | 'staleLiveMs'>;

/** What the steps of a session share. */
export interface SessionContext {
  readonly relay: { readonly id: string; readonly name: string; readonly cluster: string };
  readonly policy: PolicyReplica;
  readonly book: SessionBook;
  readonly config: SessionConfig;
  readonly log: Log;
  /** Limits the log lines about sessions that could not be recorded, because every attempt fails while the journal or JetStream is unavailable. */
  readonly notRecorded: LimitedLog;
  /** Sessions from the receipt of `open` to their end. */
  readonly live: LiveSessions;
  /** Links that wait for `open`. */
  readonly idle: Map<Link, LinkPeer>;
  /** While this relay is drained, no new session may begin, and while a gateway is, none through it. */
  readonly drains: Drains;
}

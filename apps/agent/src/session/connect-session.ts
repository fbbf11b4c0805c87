import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanText } from '@sluice/domain';
import type { CarryEnd } from '@sluice/tunnel';
import { NoRelayError, type ReadyLink } from '../link/link-dialler.js';
import type { LinkPool } from '../link/link-pool.js';
import type { ExcludedRelays } from './excluded-relays.js';
import { openAndCarry } from './open-and-carry.js';
import type { OpeningTrace } from './opening-trace.js';
import { RelayChoice } from './relay-choice.js';

const ATTEMPTS = 5;
/** How much longer a relay may take to answer than its dial, and all attempts together than one attempt, in milliseconds. */
const GRACE_MS = 10_000;
const PAUSE_MS = 100;

/** An attempt that no relay answered. The agent reports it, because no relay can record it. */
export interface UnansweredAttempt {
  readonly requestId: string;
  readonly attempt: number;
  readonly resourceId: string;
  readonly reason: 'no relay' | 'link lost';
  readonly message: string;
  readonly startedAt: string;
}

/** What a connection needs of the agent. */
export interface SessionHost {
  readonly pool: LinkPool;
  readonly excluded: ExcludedRelays;
  /** Reports an attempt that no relay answered. */
  readonly report: (attempt: UnansweredAttempt) => void;
  readonly trace: OpeningTrace;
}

/** What a client connects to. */
interface Target {
  readonly resourceId: string;
  readonly cluster: string;
  readonly sharedListener: boolean;
  readonly dialTimeoutSeconds: number;
  /** The id of the request, the same for all its attempts, in records and logs. */
  readonly requestId: string;
}

/** Why a client got no session. */
interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** How a client's connection ended: it was carried to its end, or refused. */
export type SessionResult = { readonly carried: true; readonly end: CarryEnd } | ({ readonly carried: false } & Refusal);

/**
 * Connects one client to a resource. The client's bytes stay unread in its socket until a relay sends `opened`, so every
 * attempt before that can be repeated with another relay without losing or duplicating any.
 *
 *   take a link ──► open ──► opened ──► carry both ways to the end
 *        ▲            ├──► refused, safe to retry: another relay
 *        └────────────┴──► link lost: again
 */
export async function connectSession(
  client: Socket,
  target: Target,
  { pool, excluded, report, trace }: SessionHost,
): Promise<SessionResult> {
  const { requestId, resourceId, cluster, sharedListener } = target;
  const answerMs = target.dialTimeoutSeconds * 1000 + GRACE_MS;
  const deadline = Date.now() + answerMs + GRACE_MS;
  const relays = new RelayChoice(excluded, resourceId);
  let last: Refusal | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS && Date.now() < deadline; attempt++) {
    const startedAt = new Date().toISOString();
    const unanswered = (reason: UnansweredAttempt['reason'], message: string): Refusal => {
      report({ requestId, attempt, resourceId, reason, message: cleanText(message, 300), startedAt });
      return { reason, message };
    };
    const ready = await trace.takeLink(() => takeLink(pool, cluster, relays, deadline));
    if (ready instanceof NoRelayError) {
      if (last) break; // the refusal of a relay explains more than the lack of another one
      // the gateway may be unreachable for a moment only
      if (!ready.answered && attempt < ATTEMPTS && (await paused(PAUSE_MS * attempt, deadline))) continue;
      last = unanswered('no relay', ready.message);
      break;
    }
    const answer = await openAndCarry(
      client,
      ready.link,
      { resourceId, requestId, attempt, sharedListener, ...trace.request(attempt) },
      answerMs,
      () => {
        relays.noteOpened();
        trace.opened();
      },
      () => pool.giveBack(cluster, ready),
    );
    if (answer.kind === 'carried') return { carried: true, end: answer.end };
    trace.rejected(answer.kind === 'lost' ? 'link lost' : answer.reason);
    if (answer.kind === 'lost') {
      if (attempt === ATTEMPTS) last = unanswered('link lost', answer.message);
      relays.noteLost(ready.relayId);
      continue;
    }
    last = { reason: answer.reason, message: answer.message };
    if (!answer.safeToRetry) {
      pool.giveBack(cluster, ready);
      break;
    }
    ready.link.destroy();
    relays.noteRefusal(ready.relayId, answer.reason);
  }
  client.resetAndDestroy();
  return { carried: false, ...(last ?? { reason: 'no relay', message: 'no gateway or relay could be reached in time' }) };
}

/** Takes a link to a relay that suits; if there is none, to one that did not suit before. */
async function takeLink(
  pool: LinkPool,
  cluster: string,
  relays: RelayChoice,
  deadline: number,
): Promise<ReadyLink | NoRelayError> {
  for (;;) {
    const { avoid, suspect } = relays;
    try {
      return await pool.take(cluster, { avoid, suspect, withinMs: deadline - Date.now() });
    } catch (error) {
      if (!(error instanceof NoRelayError)) throw error;
      if (relays.allowExcluded()) continue; // perhaps an excluded one reaches the resource now
      if (!relays.allowRefused() || !(await paused(PAUSE_MS, deadline))) return error;
    }
  }
}

/** Waits, if that is possible before the deadline. @returns whether it has waited */
async function paused(ms: number, deadline: number): Promise<boolean> {
  if (Date.now() + ms >= deadline) return false;
  await sleep(ms);
  return true;
}

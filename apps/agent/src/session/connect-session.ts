import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanText } from '@sluice/domain';
import { Carry, type CarryEnd, Opened, readBody, Refused } from '@sluice/tunnel';
import { NoRelayError, type ReadyLink } from '../link/link-dialler.js';
import type { LinkPool } from '../link/link-pool.js';
import type { ExcludedRelays } from './excluded-relays.js';

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
}

/** How a client's connection ended: it was carried to its end, or refused. */
export type SessionResult =
  | { readonly carried: true; readonly end: CarryEnd }
  | { readonly carried: false; readonly reason: string; readonly message: string };

type Answer = { kind: 'carried'; end: CarryEnd } | ({ kind: 'refused' } & Refused) | { kind: 'lost'; message: string };

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
  target: { resourceId: string; cluster: string; sharedListener: boolean; dialTimeoutSeconds: number },
  host: SessionHost,
): Promise<SessionResult> {
  const requestId = randomUUID();
  const answerMs = target.dialTimeoutSeconds * 1000 + GRACE_MS;
  const deadline = Date.now() + answerMs + GRACE_MS;
  const refusals = new Map<string, string>();
  let avoided = host.excluded.of(target.resourceId);
  const suspect: string[] = [];
  let last: { reason: string; message: string } | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS && Date.now() < deadline; attempt++) {
    const startedAt = new Date().toISOString();
    const report = (reason: UnansweredAttempt['reason'], message: string) =>
      host.report({ requestId, attempt, resourceId: target.resourceId, reason, message: cleanText(message, 300), startedAt });
    let ready: ReadyLink;
    try {
      const avoid = [...avoided, ...refusals.keys()];
      ready = await host.pool.take(target.cluster, { avoid, suspect, withinMs: deadline - Date.now() });
    } catch (error) {
      if (!(error instanceof NoRelayError)) throw error;
      if (avoided.length > 0) {
        host.excluded.forget(target.resourceId);
        avoided = []; // no other relay is available, and perhaps an excluded one reaches the resource now
        continue;
      }
      if (last) break; // the refusal of a relay explains more than the lack of another one
      if (attempt < ATTEMPTS && !error.answered && Date.now() + PAUSE_MS * attempt < deadline) {
        await sleep(PAUSE_MS * attempt);
        continue; // the gateway may be unreachable for a moment only
      }
      report('no relay', error.message);
      last = { reason: 'no relay', message: error.message };
      break;
    }
    const answer = await openAndCarry(
      client,
      ready,
      { ...target, requestId, attempt, answerMs },
      {
        onOpened: () => host.excluded.note(target.resourceId, refusals),
        giveBack: (link) => host.pool.giveBack(target.cluster, link),
      },
    );
    if (answer.kind === 'carried') return { carried: true, end: answer.end };
    if (answer.kind === 'lost') {
      if (attempt === ATTEMPTS) report('link lost', answer.message);
      last = attempt === ATTEMPTS ? { reason: 'link lost', message: answer.message } : last;
      suspect.push(ready.relayId);
      continue;
    }
    last = { reason: answer.reason, message: answer.message };
    if (answer.safeToRetry) ready.link.destroy();
    else host.pool.giveBack(target.cluster, ready);
    if (!answer.safeToRetry) break;
    refusals.set(ready.relayId, answer.reason);
  }
  client.resetAndDestroy();
  return { carried: false, ...(last ?? { reason: 'no relay', message: 'no gateway or relay could be reached in time' }) };
}

/** Requests a session on a link. When the relay opens it, carries the client's bytes to the end. */
function openAndCarry(
  client: Socket,
  ready: ReadyLink,
  asked: { resourceId: string; requestId: string; attempt: number; sharedListener: boolean; answerMs: number },
  on: { readonly onOpened: () => void; readonly giveBack: (link: ReadyLink) => void },
): Promise<Answer> {
  const { link } = ready;
  return new Promise((resolve) => {
    const timer = setTimeout(() => link.destroy(new Error('the relay did not answer in time')), asked.answerMs);
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      link.use(undefined);
      resolve(answer);
    };
    /** Must begin while the `opened` frame is handled, because the resource's first bytes may be in the same read. */
    const begin = () => {
      clearTimeout(timer);
      on.onOpened();
      const carry = new Carry(link, client, (end) => {
        if (end.kind === 'ended') on.giveBack(ready);
        resolve({ kind: 'carried', end });
      });
      carry.start();
    };
    link.use({
      onData: () => link.destroy(new Error('data before opened')),
      onFrame: (type, bytes) => {
        const refused = type === 'refused' ? readBody(bytes, Refused) : undefined;
        if (type === 'opened' && readBody(bytes, Opened)) return begin();
        if (refused) return finish({ kind: 'refused', ...refused });
        link.destroy(new Error(`unexpected ${type} frame in place of an answer`));
      },
      onGone: (error) => finish({ kind: 'lost', message: error?.message ?? 'the link was closed' }),
    });
    link.send('open', {
      resourceId: asked.resourceId,
      requestId: asked.requestId,
      attempt: asked.attempt,
      sharedListener: asked.sharedListener,
    });
  });
}

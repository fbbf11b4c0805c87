import type { SessionClosed } from '@sluice/contracts';
import type { SessionEnd } from '@sluice/domain';
import type { Carry, CarryEnd } from '@sluice/tunnel';
import type { Ending } from './live-session.js';

/** The end reason of an active session, derived from how the carry ended. At a relay `local` is the resource and `remote` the client. */
export function explainEnd(end: CarryEnd, ending: Ending | undefined): { reason: SessionEnd; message: string | null } {
  switch (end.kind) {
    case 'ended':
      return { reason: end.first === 'local' ? 'resource closed' : 'client closed', message: null };
    case 'local-reset':
      return { reason: 'resource reset', message: end.error.message };
    case 'remote-reset':
      return { reason: 'client reset', message: end.message };
    case 'link-lost':
      return { reason: 'link lost', message: end.error?.message ?? null };
    case 'aborted':
      return { reason: ending?.reason ?? 'operator ended', message: ending?.message ?? null };
  }
}

/** The agent's own counts, if it reported them: what it sent is up. They are compared only when both ends saw an orderly end. */
export function agentCounts(carry: Carry, end: CarryEnd): SessionClosed['agent'] {
  if (!carry.peer) return null;
  return { bytesUp: carry.peer.sent, bytesDown: carry.peer.received, differs: end.kind === 'ended' && carry.differs };
}

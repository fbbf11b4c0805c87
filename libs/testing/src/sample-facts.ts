import { randomUUID } from 'node:crypto';
import type { SessionClosed, SessionOpened } from '@sluice/contracts';

// Facts as a relay records them.

/** A session's beginning at a relay. */
export const sampleOpened = (sessionId: string, node: string): SessionOpened => ({
  sessionId,
  requestId: randomUUID(),
  attempt: 1,
  account: { id: 'a', email: null },
  loginId: 'l',
  resource: { id: 'r', name: null, endpoint: null, tags: null },
  cluster: 'default',
  relay: { id: node, name: 'relay' },
  gateway: null,
  clientAddress: null,
  sharedListener: false,
  rule: null,
  startedAt: new Date().toISOString(),
  dialledAddress: '192.0.2.1',
});

/** Its end. */
export const sampleClosed = (sessionId: string): SessionClosed => ({
  sessionId,
  endReason: 'client closed',
  message: null,
  endedAt: new Date().toISOString(),
  durationMs: 1,
  bytesUp: 1,
  bytesDown: 2,
  exactness: 'exact',
  agent: null,
  endedBy: null,
  revocationMs: null,
});

import { randomUUID } from 'node:crypto';
import {
  type AttemptEnded,
  FIRST_PREVIOUS,
  type SessionClosed,
  type SessionFactKind,
  sessionFactSubject,
  type SessionOpened,
} from '@sluice/contracts';

// Facts as a relay records them.

/** The data of an `opened` fact. */
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

/** The data of a `closed` fact. */
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

/** An attempt that was refused. */
export const sampleRefused = (sessionId: string, node: string): AttemptEnded => ({
  ...sampleOpened(sessionId, node),
  dialledAddress: null,
  endReason: 'no grant',
  message: 'no grant',
  endedAt: new Date().toISOString(),
  durationMs: 1,
  repeats: 1,
});

/** The place of a sample in its author's journal. Without a number it is not part of the chain; its id is derived from its place unless one is given. */
export interface SamplePlace {
  readonly incarnation: string;
  readonly number?: number;
  readonly id?: string;
}

/** A session fact as a node publishes it: subject and bytes. `more` replaces values of the envelope. */
export function sampleFact(
  kind: SessionFactKind,
  node: string,
  data: object,
  { incarnation, number, id }: SamplePlace,
  more: object = {},
): { subject: string; data: Uint8Array } {
  const resource = (data as Partial<SessionOpened>).resource?.id ?? 'r';
  const body = {
    specversion: '1.0',
    id: id ?? (number === undefined ? randomUUID() : `${incarnation}-${number}`),
    source: `sluice://relays/${node}`,
    type: `sluice.session.${kind}.v1`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    node,
    incarnation,
    ...(number === undefined ? {} : { number, previous: FIRST_PREVIOUS }),
    data,
    ...more,
  };
  return { subject: sessionFactSubject(kind, 'default', node, resource), data: new TextEncoder().encode(JSON.stringify(body)) };
}

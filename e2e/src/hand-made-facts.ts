import { randomUUID } from 'node:crypto';
import { FIRST_PREVIOUS, type SessionFactKind, sessionFactSubject } from '@sluice/contracts';

/** Facts about one resource as a relay of this id would publish them, one by one and as wrong as a test wants them. */
export const handMadeFacts = (relayId: string, resourceId: string = randomUUID()) => {
  const begin = (sessionId: string) => ({
    sessionId,
    requestId: randomUUID(),
    attempt: 1,
    account: { id: randomUUID(), email: null },
    loginId: randomUUID(),
    resource: { id: resourceId, name: null, endpoint: null, tags: null },
    cluster: 'default',
    relay: { id: relayId, name: 'relay' },
    gateway: null,
    clientAddress: null,
    sharedListener: false,
    rule: null,
    startedAt: new Date().toISOString(),
  });
  return {
    begin,
    ending: (sessionId: string) => ({
      sessionId,
      endReason: 'client closed',
      message: null as string | null,
      endedAt: new Date().toISOString(),
      durationMs: 1,
      bytesUp: 0,
      bytesDown: 0,
      exactness: 'exact',
      agent: null,
      endedBy: null,
      revocationMs: null,
    }),
    refusal: (message: string) => ({
      ...begin(randomUUID()),
      dialledAddress: null,
      endReason: 'no grant',
      message,
      endedAt: new Date().toISOString(),
      durationMs: 1,
      repeats: 1,
    }),
    /** The text of a fact; without a number it stands outside the chain. */
    envelope: (incarnation: string, number: number | undefined, data: unknown, more: object = {}) =>
      JSON.stringify({
        specversion: '1.0',
        id: number === undefined ? randomUUID() : `${incarnation}-${number}`,
        source: 'sluice://test',
        type: 'sluice.test.v1',
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        node: relayId,
        incarnation,
        ...(number === undefined ? {} : { number, previous: FIRST_PREVIOUS }),
        data,
        ...more,
      }),
    subjectOf: (kind: string) => sessionFactSubject(kind as SessionFactKind, 'default', relayId, resourceId),
  };
};

import { randomUUID } from 'node:crypto';
import { AttemptEnded, RELAY_LONGEST_MESSAGE, SessionClosed, SessionIds, SessionOpened } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { GatewayRun } from '../drain/gateway-run.js';
import { LiveSession } from './live-session.js';

/** A session in which every text is far too long and consists of the characters that need the most bytes. */
function wordySession(): LiveSession {
  const long = `\u0000\ud800${'漢'.repeat(5000)}`;
  const peer = {
    accountId: randomUUID(),
    loginId: randomUUID(),
    gateway: new GatewayRun(randomUUID()),
    client: { address: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', port: 65535 },
    expiresAt: Infinity,
    issuedAt: 0,
    authority: '',
  };
  const request = { requestId: randomUUID(), attempt: 100, sharedListener: true };
  const relay = { id: randomUUID(), name: long, cluster: 'c'.repeat(63) };
  const session = new LiveSession(new SessionIds(relay.id).next(), peer, randomUUID(), request, relay);
  const tags = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${i}${long}`, long.slice(2)]));
  session.namesAtStart = { email: long, name: long, endpoint: long, tags, rule: long };
  session.end({ reason: 'operator ended', message: long, by: { id: randomUUID(), email: long, why: long } });
  return session;
}

it('makes facts that pass their schemas and fit the bus message limit of a relay, whatever the policy and peers contain', () => {
  const session = wordySession();
  const long = '漢'.repeat(5000);
  const opened = session.opened(long);
  const refused = session.attemptEnded('no grant', long, long);
  const closed = session.closed('operator ended', long, { handed: 1, delivered: 1, read: 1 }, null);
  expect([SessionOpened.parse(opened), AttemptEnded.parse(refused), SessionClosed.parse(closed)]).toEqual([
    opened,
    refused,
    closed,
  ]);
  expect(Object.keys(opened.resource.tags ?? {})).toHaveLength(50);
  const [largest] = [opened, refused, closed].map((fact) => Buffer.byteLength(JSON.stringify(fact))).sort((a, b) => b - a);
  expect(largest).toBeGreaterThan(RELAY_LONGEST_MESSAGE / 2); // the test would be meaningless with a small fact
  expect(largest).toBeLessThan(RELAY_LONGEST_MESSAGE - 4096); // space for the envelope and the headers of the message
});

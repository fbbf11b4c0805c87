import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SETTINGS_ID } from '@sluice/contracts';
import { DEFAULT_SETTINGS } from '@sluice/domain';
import { type Identity, makeKeyPair, OwnIdentity, readPublicKey } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { PolicyReplica } from '@sluice/messaging';
import { createLog } from '@sluice/process';
import { dialPreamble, OFFER_ANSWER, readAnswer, readExactly, readProxyHeader } from '@sluice/tunnel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { GatewayIdentity } from '../node/gateway-identity.js';
import { TunnelPort } from './tunnel-port.js';

const organizationId = randomUUID();
const authority = await createAuthority(organizationId, new Date());
const gatewayId = randomUUID();
const [account, other] = [randomUUID(), randomUUID()].map((accountId) => ({
  kind: 'account' as const,
  organizationId,
  accountId,
  loginId: randomUUID(),
}));
const relay = { kind: 'relay' as const, organizationId, nodeId: randomUUID(), cluster: 'default' };

/** A member of the organization with a key and a certificate. */
async function member(identity: Identity): Promise<OwnIdentity> {
  const pair = makeKeyPair();
  const key = readPublicKey(pair.publicPem) as NonNullable<ReturnType<typeof readPublicKey>>;
  const { certificatePem } = await issueCertificate(authority, identity, key, new Date(), 60_000);
  return new OwnIdentity({ certificate: certificatePem, privateKey: pair.privatePem, ca: authority.certificatePem });
}

const own = await member({ kind: 'gateway', organizationId, nodeId: gatewayId });
const never = new AbortController().signal;
const soon = () => AbortSignal.timeout(5000);

let policy: PolicyReplica;
let port: TunnelPort;
let open: Socket[];
beforeEach(async () => {
  open = [];
  policy = new PolicyReplica(() => performance.now());
  port = new TunnelPort(
    { maxLinks: 1, natsServers: [] },
    () => ({ nodeId: gatewayId, own }) as GatewayIdentity,
    policy,
    createLog('test', 'silent'),
  );
  await port.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  await port.drain(0, never);
});

/**
 * Connects and authenticates; the gateway's answer is still to be read.
 * @param beforeProof called when the gateway has accepted the certificate, before the proof of its key
 */
async function dial(
  identity: Identity,
  kind: 'carry' | 'offer' | 'control',
  beforeProof: () => void = () => undefined,
): Promise<Socket> {
  const socket = connect({ port: port.port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  open.push(socket);
  const credentials = await member(identity);
  const verify = (certificate: Buffer) => {
    beforeProof();
    return credentials.verify(certificate);
  };
  await dialPreamble(socket, { kind }, credentials, verify, soon());
  return socket;
}

/** A relay's control connection, and an offer that is taken as soon as it is paired. */
async function offerOne(): Promise<Socket> {
  await readAnswer(await dial(relay, 'control'), soon());
  const offer = await dial(relay, 'offer');
  await readAnswer(offer, soon());
  return offer;
}

/** A link that is carried: the agent's end and the relay's. */
async function link(): Promise<[Socket, Socket]> {
  const offer = await offerOne();
  const agent = await dial(account as Identity, 'carry');
  expect((await readProxyHeader(offer, soon())).accountId).toBe(account?.accountId);
  offer.write(Buffer.from([OFFER_ANSWER.taken]));
  await readAnswer(agent, soon());
  return [agent, offer];
}

it('pairs an agent with the offer of a relay, and passes bytes and ends on both ways', async () => {
  const [agent, offer] = await link();
  agent.end('up');
  expect((await readExactly(offer, 2, soon())).toString()).toBe('up');
  offer.end('down');
  expect((await readExactly(agent, 4, soon())).toString()).toBe('down');
});

it.each([
  ['an account cannot make an offer', account, 'offer'],
  ['an account cannot open a control connection', account, 'control'],
  ['a relay cannot have a session carried', relay, 'carry'],
] as const)('rejects a certificate of the wrong kind: %s', async (_, identity, kind) => {
  await expect(readAnswer(await dial(identity as Identity, kind), soon())).rejects.toMatchObject({ cause: 'bad-certificate' });
});

it.each(['carry', 'offer', 'control'] as const)(
  'accepts no connection of a service, whose certificate signs facts: %s',
  async (kind) => {
    const service: Identity = { kind: 'service', organizationId, service: 'audit' };
    await expect(dial(service, kind)).rejects.toThrow('the certificate of a service opens no connection');
  },
);

it.each([
  ['a revoked relay', { kind: 'revoked', value: { kind: 'node', id: relay.nodeId } }, `revoked.${relay.nodeId}`],
  [
    'a certificate of a retired authority',
    { kind: 'settings', value: { ...DEFAULT_SETTINGS, id: SETTINGS_ID, authorities: ['0'.repeat(64)] } },
    `settings.${SETTINGS_ID}`,
  ],
])('rejects %s also if it proves its key only after the gateway has learnt that', async (_, entry, key) => {
  policy.onComplete(new Set());
  const socket = await dial(relay, 'control', () =>
    policy.onValue(key, { revision: 1, changedAt: new Date().toISOString(), entry }, true),
  );
  await expect(readAnswer(socket, soon())).rejects.toMatchObject({ cause: 'bad-certificate' });
  expect(port.relayCount).toBe(0);
});

it('rejects one link more than its limit, and accepts again when the link has ended', async () => {
  const [agent, offer] = await link();
  await expect(readAnswer(await dial(other as Identity, 'carry'), soon())).rejects.toMatchObject({ cause: 'limit-reached' });
  const ended = once(offer.resume(), 'end');
  agent.end();
  offer.end();
  await ended;
  expect(port.linkCount).toBe(0);
  await link();
});

it('sends new agents to another gateway while it is drained, carries what it has, and cuts that after the deadline', async () => {
  const [agent, offer] = await link();
  let revision = 0;
  const drain = (deadline: string | null | undefined) => {
    const value = { id: gatewayId, kind: 'gateway', cluster: null, deadline };
    const entry = deadline === undefined ? null : { kind: 'drain', value };
    const changedAt = new Date().toISOString();
    policy.onValue(`drain.${gatewayId}`, { revision: ++revision, changedAt, entry }, true);
  };
  drain(null);
  expect(port.draining).toBe(true);
  await expect(readAnswer(await dial(other as Identity, 'carry'), soon())).rejects.toMatchObject({ cause: 'draining' });
  port.cutOverdue();
  agent.write('still carried');
  expect((await readExactly(offer, 13, soon())).toString()).toBe('still carried');
  drain(undefined);
  expect(port.draining).toBe(false);
  await expect(readAnswer(await dial(other as Identity, 'carry'), soon())).rejects.toMatchObject({ cause: 'limit-reached' }); // and not `draining`
  drain(new Date(Date.now() - 1000).toISOString());
  port.cutOverdue(); // the relays still have a moment to end their sessions
  agent.write('more');
  expect((await readExactly(offer, 4, soon())).toString()).toBe('more');
  const closed = once(agent.resume(), 'close');
  agent.on('end', () => agent.end());
  drain(new Date(Date.now() - 60_000).toISOString());
  port.cutOverdue();
  await closed;
});

it('waits for the last link when it drains, and not longer', async () => {
  const [agent, offer] = await link();
  let drained = false;
  const draining = port.drain(60_000, never).then(() => (drained = true));
  agent.end('still carried');
  expect((await readExactly(offer, 13, soon())).toString()).toBe('still carried');
  expect(drained).toBe(false);
  offer.end();
  agent.resume();
  await draining;
});

it.each([
  ['its time has been over for some seconds', 50, never],
  ['it is hurried', 60_000, AbortSignal.timeout(50)],
])(
  'closes links that are still carried when %s',
  async (_, deadlineMs, hurried) => {
    const [agent] = await link();
    const closed = once(agent.resume(), 'close');
    agent.on('end', () => agent.end());
    await port.drain(deadlineMs, hurried);
    await closed;
  },
  15_000,
);

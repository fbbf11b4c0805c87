import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Identity, makeKeyPair, OwnIdentity, readPublicKey } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { PolicyReplica } from '@sluice/messaging';
import { createLog } from '@sluice/process';
import { TlsDialler } from '@sluice/tunnel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RelayConfig } from '../config.js';
import { Drains } from '../drain/drains.js';
import { GatewayRun } from '../drain/gateway-run.js';
import type { SessionBook } from '../fact/session-book.js';
import type { NodeIdentity } from '../node/node-identity.js';
import type { VerifyKind } from '../node/verify-peer.js';
import { Sessions } from '../session/sessions.js';
import { Links } from './links.js';

const organizationId = randomUUID();
const relayId = randomUUID();
const accountId = randomUUID();
const authority = await createAuthority(organizationId, new Date());
const log = createLog('test', 'silent');

async function member(identity: Identity): Promise<OwnIdentity> {
  const pair = makeKeyPair();
  const key = readPublicKey(pair.publicPem) as NonNullable<ReturnType<typeof readPublicKey>>;
  const { certificatePem } = await issueCertificate(authority, identity, key, new Date(), 60_000);
  return new OwnIdentity({ certificate: certificatePem, privateKey: pair.privatePem, ca: authority.certificatePem });
}
const relay = await member({ kind: 'relay', organizationId, nodeId: relayId, cluster: 'default' });
const agent = new TlsDialler((await member({ kind: 'account', organizationId, accountId, loginId: randomUUID() })).texts);

let server: Server;
let sockets: Socket[];
let sessions: Sessions;
let links: Links;
beforeEach(async () => {
  sockets = [];
  server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const policy = new PolicyReplica(() => performance.now());
  const self = { id: relayId, name: 'relay', cluster: 'default' };
  const config = new RelayConfig({ SLUICE_RELAY_HOME: '/nowhere' });
  sessions = new Sessions(self, policy, new Drains(policy, relayId), {} as SessionBook, config, log);
  const node = { own: relay, afterRenewal: () => undefined } as Partial<NodeIdentity> as NodeIdentity;
  links = new Links(node, 10, policy, ((der: Buffer) => relay.verify(der)) as VerifyKind, sessions, log);
});
afterEach(async () => {
  links.stop();
  await sessions.drain(0);
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** A connection that a gateway has paired: the agent's end and the relay's. */
async function paired(): Promise<[Socket, Socket]> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const [far] = await accepted;
  sockets.push(
    near,
    far.on('error', () => undefined),
  );
  return [near, far];
}

it('serves no session on a link whose gateway stopped during its handshake, and goes on with one through another run of it', async () => {
  const [stopping, next] = [new GatewayRun(randomUUID()), new GatewayRun(randomUUID())];
  const header = { clientAddress: '192.0.2.1', clientPort: 1, gatewayId: stopping.id, accountId };
  const open = async (gateway: GatewayRun, meanwhile: () => void) => {
    const [near, far] = await paired();
    const accepted = links.acceptPaired(far, header, gateway);
    meanwhile();
    const { socket } = await agent.dial(near, () => undefined, AbortSignal.timeout(5000));
    const closed = once(socket.on('error', () => undefined).resume(), 'close');
    await accepted;
    return { socket, closed };
  };
  const through = await open(stopping, () => {
    stopping.stop(Date.now(), 60_000);
    sessions.followDrains();
  });
  const staying = await open(next, () => undefined);
  await through.closed;
  expect(staying.socket.closed).toBe(false);
});

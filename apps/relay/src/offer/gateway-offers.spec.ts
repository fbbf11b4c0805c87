import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Identity, makeKeyPair, OwnIdentity, readPublicKey } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { answerOk, answerPreamble } from '@sluice/tunnel';
import { expect, it } from 'vitest';
import { BackOff } from './back-off.js';
import { GatewayOffers } from './gateway-offers.js';

const organizationId = randomUUID();
const gatewayId = randomUUID();

/** Somebody of the organization, with a key and a certificate. */
async function member(authority: Awaited<ReturnType<typeof createAuthority>>, identity: Identity): Promise<OwnIdentity> {
  const pair = makeKeyPair();
  const key = readPublicKey(pair.publicPem) as NonNullable<ReturnType<typeof readPublicKey>>;
  const { certificatePem } = await issueCertificate(authority, identity, key, new Date(), 60_000);
  return new OwnIdentity({ certificate: certificatePem, privateKey: pair.privatePem, ca: authority.certificatePem });
}

it('waits shortly again once an offer went well, not only a control connection', async () => {
  const authority = await createAuthority(organizationId, new Date());
  const gateway = await member(authority, { kind: 'gateway', organizationId, nodeId: gatewayId });
  const relay = await member(authority, { kind: 'relay', organizationId, nodeId: randomUUID(), cluster: 'default' });
  const backOff = new BackOff();
  const shortest = backOff.present;
  const offers: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    void answerPreamble(socket, gateway, (der) => gateway.verify(der), AbortSignal.timeout(5000)).then(({ hello }) => {
      if (hello.kind === 'offer') for (let failure = offers.push(socket); failure < 8; failure++) backOff.next();
      answerOk(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const troubles: string[] = [];
  const host = {
    credentials: () => relay,
    verifyGateway: (der: Buffer) => relay.verify(der),
    load: () => ({ sessions: 0, draining: false }),
    hasRoom: () => true,
    onPaired: () => undefined,
    onLeaving: () => undefined,
    onTrouble: (why: string) => troubles.push(why),
  };
  const own = new GatewayOffers(gatewayId, address, host, backOff);
  await expect.poll(() => offers.length).toBe(4);
  await expect.poll(() => backOff.present).toBe(shortest);
  own.stop();
  for (const socket of offers) socket.destroy();
  server.close();
  expect(troubles).toEqual([]);
});

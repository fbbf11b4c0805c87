import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type Identity, makeKeyPair, OwnIdentity, readPublicKey } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { answerOk, answerPreamble, encodeProxyHeader, type ProxyHeader, sendControl } from '@sluice/tunnel';
import { expect, it } from 'vitest';
import { BackOff } from '@sluice/domain';
import type { GatewayRun } from '../drain/gateway-run.js';
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

/** A gateway that takes whoever comes and says nothing more, and a relay's offers there. */
async function meet(onTaken: (kind: string, socket: Socket) => void, backOff?: BackOff, silentMs?: number) {
  const authority = await createAuthority(organizationId, new Date());
  const gateway = await member(authority, { kind: 'gateway', organizationId, nodeId: gatewayId });
  const relay = await member(authority, { kind: 'relay', organizationId, nodeId: randomUUID(), cluster: 'default' });
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    const take = ({ hello }: Awaited<ReturnType<typeof answerPreamble>>) => {
      onTaken(hello.kind, socket);
      answerOk(socket);
      socket.resume(); // else its end is not seen
    };
    const gaveUp = () => undefined; // the relay may end while it dials
    answerPreamble(socket, gateway, (der) => gateway.verify(der), AbortSignal.timeout(5000)).then(take, gaveUp);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const troubles: string[] = [];
  const paired: GatewayRun[] = [];
  const leaving = { count: 0 };
  const drain = { on: false };
  const host = {
    credentials: () => relay,
    verifyGateway: (der: Buffer) => relay.verify(der),
    load: () => ({ sessions: 0, draining: drain.on }),
    hasRoom: () => true,
    onPaired: (_: Socket, __: ProxyHeader, run: GatewayRun) => void paired.push(run),
    onLeaving: () => void leaving.count++,
    onTrouble: (why: string) => troubles.push(why),
  };
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const offers = new GatewayOffers(gatewayId, address, host, backOff, silentMs);
  const end = () => {
    offers.stop();
    server.close();
  };
  return { offers, troubles, drain, paired, leaving, end };
}

it('resets the retry delay after a successful offer, not only after a control connection', async () => {
  const backOff = new BackOff(250, 5000);
  const shortest = backOff.longest;
  const taken: Socket[] = [];
  const { troubles, end } = await meet((kind, socket) => {
    if (kind === 'offer') for (let failure = taken.push(socket); failure < 8; failure++) backOff.next();
  }, backOff);
  await expect.poll(() => taken.length).toBe(4);
  await expect.poll(() => backOff.longest).toBe(shortest);
  end();
  for (const socket of taken) socket.destroy();
  expect(troubles).toEqual([]);
});

it('closes the connections to a gateway that has gone silent, including waiting offers, and dials it again', async () => {
  const taken = new Map<string, Socket[]>([
    ['control', []],
    ['offer', []],
  ]);
  const { offers, end } = await meet((kind, socket) => taken.get(kind)?.push(socket), undefined, 200);
  await expect.poll(() => taken.get('offer')?.length).toBe(4);
  const [first, ...rest] = taken.get('offer') as Socket[];
  await Promise.all([first, ...rest].map((socket) => (socket?.closed ? undefined : once(socket as Socket, 'end'))));
  await expect.poll(() => taken.get('control')?.length, { timeout: 5000 }).toBeGreaterThan(1);
  await expect.poll(() => taken.get('offer')?.length, { timeout: 5000 }).toBeGreaterThan(4);
  await expect.poll(() => offers.connected, { timeout: 5000 }).toBe(true);
  end();
  for (const sockets of taken.values()) for (const socket of sockets) socket.destroy();
});

it('withdraws its offers when the relay drains, and makes them again when it does not any more', async () => {
  const offered: Socket[] = [];
  const { offers, drain, end } = await meet((kind, socket) => kind === 'offer' && offered.push(socket));
  await expect.poll(() => offered.length).toBe(4);
  drain.on = true;
  const gone = Promise.all(offered.map((socket) => once(socket, 'end')));
  offers.followDrain();
  await gone;
  for (let turn = 0; turn < 3; turn++) await setImmediate(); // the relay's ends report that they are closed
  expect([offered.length, offers.connected]).toEqual([4, true]);
  drain.on = false;
  offers.followDrain();
  await expect.poll(() => offered.length).toBe(8);
  end();
  for (const socket of offered) socket.destroy();
});

it('knows of every connection that the gateway had paired whether that run of the gateway stops, also if the message comes first', async () => {
  const header = { clientAddress: '192.0.2.1', clientPort: 1, gatewayId, accountId: randomUUID() };
  const [controls, offered]: [Socket[], Socket[]] = [[], []];
  const { paired, end } = await meet((kind, socket) => (kind === 'offer' ? offered : controls).push(socket));
  await expect.poll(() => offered.length).toBe(4);
  offered[0]?.write(encodeProxyHeader(header));
  await expect.poll(() => paired.length).toBe(1);
  expect(paired[0]?.stops).toBe(false);
  sendControl(controls[0] as Socket, { type: 'shutting-down', withinMs: 5000 });
  await expect.poll(() => paired[0]?.stops).toBe(true);
  offered[1]?.write(encodeProxyHeader(header)); // paired before the gateway stopped, and later on its way
  await expect.poll(() => paired.length).toBe(2);
  expect(paired[1]?.stops).toBe(true);

  controls[0]?.destroy();
  await expect.poll(() => controls.length, { timeout: 5000 }).toBe(2); // the gateway has started again
  await expect.poll(() => offered.length, { timeout: 5000 }).toBeGreaterThan(7);
  offered.at(-1)?.write(encodeProxyHeader(header));
  await expect.poll(() => paired.length).toBe(3);
  expect([paired[2]?.stops, paired[0]?.stops]).toEqual([false, true]);
  end();
  for (const socket of [...controls, ...offered]) socket.destroy();
});

it('looks through its links once, however often a gateway says that it stops, and keeps the first deadline', async () => {
  const header = { clientAddress: '192.0.2.1', clientPort: 1, gatewayId, accountId: randomUUID() };
  const [controls, offered]: [Socket[], Socket[]] = [[], []];
  const { paired, leaving, end } = await meet((kind, socket) => (kind === 'offer' ? offered : controls).push(socket));
  await expect.poll(() => offered.length).toBe(4);
  for (let times = 0; times < 1000; times++)
    sendControl(controls[0] as Socket, { type: 'shutting-down', withinMs: times === 0 ? 60_000 : 0 });
  offered[0]?.write(encodeProxyHeader(header));
  await expect.poll(() => paired[0]?.stops).toBe(true);
  controls[0]?.destroy();
  await expect.poll(() => controls.length, { timeout: 5000 }).toBe(2); // all of them have been read
  expect([leaving.count, paired[0]?.ending(Date.now())]).toEqual([1, undefined]);
  end();
  for (const socket of [...controls, ...offered]) socket.destroy();
});

it('closes a connection on which it has withdrawn an offer even if the gateway does not', async () => {
  const header = { clientAddress: '192.0.2.1', clientPort: 1, gatewayId: randomUUID(), accountId: randomUUID() }; // of another gateway
  const offered: Socket[] = [];
  const { offers, end } = await meet((kind, socket) => {
    if (kind !== 'offer' || offered.push(socket) > 4) return;
    void setImmediate().then(() => socket.write(encodeProxyHeader(header))); // after the answer
    socket.once('end', () => {
      const say = setInterval(() => socket.write('x'), 50); // a write reveals that the peer has closed the connection
      socket.once('close', () => clearInterval(say));
    });
  });
  await expect.poll(() => offered.length).toBeGreaterThan(7);
  await expect
    .poll(() => offered.slice(0, 4).map(({ destroyed }) => destroyed), { timeout: 5000 })
    .toEqual([true, true, true, true]);
  expect(offered.slice(4).some(({ destroyed }) => destroyed)).toBe(false);
  offers.stop();
  end();
  for (const socket of offered) socket.destroy();
});

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { OFFER_ANSWER } from '@sluice/tunnel';
import { afterEach, expect, it } from 'vitest';
import { OfferPool } from './offer-pool.js';

const RELAY = '5f0a3c44-4a2b-4e0b-9d3b-0f7f1c1f6c01';
const header = { clientAddress: '127.0.0.1', clientPort: 1, gatewayId: RELAY, accountId: RELAY };
const open = new Set<Socket>();
afterEach(() => {
  for (const socket of open) socket.destroy();
});

/** Two connected sockets: the relay's end, and the gateway's. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [gateway] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [relay, gateway]) {
    open.add(socket.on('error', () => undefined));
    socket.once('close', () => open.delete(socket));
  }
  return [relay, gateway];
}

it('gives up at its deadline even if each withdrawn offer is followed by another', async () => {
  const pool = new OfferPool(400);
  const [, control] = await pair();
  pool.addRelay(RELAY, 'default', control);
  let asked = 0;
  let over = false;
  const offer = async () => {
    if (over) return;
    const [relay, gateway] = await pair();
    relay.once('data', () => {
      asked++;
      relay.end(Buffer.from([OFFER_ANSWER.withdrawn])); // as a relay at its limit does
      void offer();
    });
    pool.addOffer(RELAY, gateway);
  };
  for (let i = 0; i < 8; i++) await offer(); // so that one is always available
  const found = await pool.take('default', [], header, AbortSignal.timeout(4000));
  over = true;
  expect(found).toEqual({ noRelay: 'no relay of this cluster is available' });
  expect(asked).toBeGreaterThan(1);
  pool.leave(0);
});

it('spreads the links of an account over the relays, whatever their load, and counts only those that are open', async () => {
  const pool = new OfferPool(400);
  const relays = ['one', 'two', 'three'];
  const offer = async (relay: string) => {
    const [remote, gateway] = await pair();
    remote.once('data', () => remote.write(Buffer.from([OFFER_ANSWER.taken])));
    pool.addOffer(relay, gateway);
  };
  for (const [at, relay] of relays.entries()) {
    const [, control] = await pair();
    pool.addRelay(relay, 'default', control);
    pool.setLoad(relay, at * 100, false);
    for (let i = 0; i < 6; i++) await offer(relay);
  }
  const take = async (accountId: string) => {
    const found = await pool.take('default', [], { ...header, accountId }, AbortSignal.timeout(4000));
    if ('noRelay' in found) throw new Error(found.noRelay);
    return found;
  };
  const taken = [];
  for (let i = 0; i < 9; i++) taken.push(await take(RELAY));
  for (const relay of relays) expect(taken.filter(({ relayId }) => relayId === relay)).toHaveLength(3);
  const ended = taken.filter(({ relayId }) => relayId === 'three');
  for (const { offer: socket } of ended) {
    socket.destroy();
    await once(socket, 'close');
  }
  for (const _ of ended) expect((await take(RELAY)).relayId).toBe('three');
  expect(relays).toContain((await take('5f0a3c44-4a2b-4e0b-9d3b-0f7f1c1f6c02')).relayId); // another account's count is its own
  pool.leave(0);
});

it('passes over a relay that takes no offers, although the account has the fewest links to it', async () => {
  const pool = new OfferPool(2000);
  const offer = async (relay: string, takes: boolean) => {
    const [remote, gateway] = await pair();
    if (takes) remote.once('data', () => remote.write(Buffer.from([OFFER_ANSWER.taken])));
    pool.addOffer(relay, gateway);
  };
  for (const relay of ['silent', 'honest']) {
    const [, control] = await pair();
    pool.addRelay(relay, 'default', control);
    for (let i = 0; i < 8; i++) await offer(relay, relay === 'honest');
  }
  const take = () => pool.take('default', [], header, AbortSignal.timeout(4000));
  for (let i = 0; i < 3; i++) expect(await take()).toMatchObject({ relayId: 'honest' });
  const together = await Promise.all([take(), take(), take()]);
  expect(together).toMatchObject(together.map(() => ({ relayId: 'honest' })));
  pool.leave(0);
});

it('says whether relays are missing or are only being drained', async () => {
  const pool = new OfferPool(50);
  const why = () => pool.take('default', [], header, AbortSignal.timeout(4000));
  expect(await why()).toEqual({ noRelay: 'no relay of this cluster is connected' });
  const [, control] = await pair();
  pool.addRelay(RELAY, 'default', control);
  pool.setLoad(RELAY, 0, true);
  expect(await why()).toEqual({ noRelay: 'every relay of this cluster is being drained' });
  expect([pool.relayCount, pool.servingCount]).toEqual([1, 0]);
  pool.setLoad(RELAY, 0, false);
  expect(await why()).toEqual({ noRelay: 'no relay of this cluster is available' }); // it has no offer
  expect(pool.servingCount).toBe(1);
  pool.leave(0);
});

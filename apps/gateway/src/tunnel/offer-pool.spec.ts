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
  pool.leave();
});

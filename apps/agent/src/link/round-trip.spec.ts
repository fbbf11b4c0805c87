import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { roundTrip } from './round-trip.js';

it('measures an address where something listens', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await roundTrip(`127.0.0.1:${port}`)).toBeGreaterThan(0);
  server.close();
  await once(server, 'close');
  expect(await roundTrip(`127.0.0.1:${port}`)).toBeUndefined();
});

it.each(['nothing', 'x:99999', '[::', '', 'a b:1'])('finds nothing at the malformed address "%s"', async (address) => {
  expect(await roundTrip(address)).toBeUndefined();
});

import { type MsgHdrs, headers } from '@nats-io/transport-node';
import type { Bus } from '@sluice/messaging';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { PrivateNats } from './private-nats.js';

let nats: PrivateNats;
let bus: Bus;
let peer: Bus;
beforeAll(async () => {
  nats = await PrivateNats.start();
  [bus, peer] = await Promise.all([nats.join(), nats.join()]);
});
afterAll(async () => {
  await Promise.all([bus.close(), peer.close()]);
  await nats.stop();
});

/** Headers that a client of one's own can send: the server forwards them as they are. */
const malformed = (): MsgHdrs =>
  Object.assign(headers(), { encode: () => Buffer.from('NATS/1.0\r\nbad key: x\r\nGood: y\r\n\r\n') });

it('is not made deaf by a response with a malformed header and no body', async () => {
  peer.connection.subscribe('a.question', { callback: (_, message) => void message.respond('', { headers: malformed() }) });
  peer.respond('another.question', z.unknown(), () => Promise.resolve({ fine: true }));
  await peer.connection.flush();
  await expect(bus.request('a.question', {}, z.object({}), 'the peer')).rejects.toThrow('the peer sent a malformed response');
  const begun = performance.now();
  expect(await bus.request('another.question', {}, z.object({ fine: z.boolean() }), 'the peer')).toEqual({ fine: true });
  expect(performance.now() - begun).toBeLessThan(5000);
});

it('reads a message without the header lines that cannot be read', async () => {
  const received = new Promise<MsgHdrs | undefined>((resolve) => {
    bus.connection.subscribe('a.message', { callback: (_, message) => resolve(message.headers) });
  });
  await bus.connection.flush();
  peer.connection.publish('a.message', 'x', { headers: malformed() });
  expect((await received)?.get('Good')).toBe('y');
});

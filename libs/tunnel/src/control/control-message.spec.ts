import { once } from 'node:events';
import { expect, it } from 'vitest';
import { type ControlMessage, readControl, sendControl } from './control-message.js';
import { socketPair } from '../testing/socket-pair.js';

it('closes a control connection whose peer has gone silent, and keeps one whose peer sends', async () => {
  const [silent, heldOpen] = await socketPair();
  const [sending, kept] = await socketPair();
  const received: number[] = [];
  for (const socket of [heldOpen, kept])
    readControl(socket, (message) => message.type === 'load' && received.push(message.sessions), 400);
  const timer = setInterval(() => sendControl(sending, { type: 'load', sessions: received.length, draining: false }), 50);
  sendControl(silent, { type: 'load', sessions: 0, draining: false }); // and nothing after it; its half stays open
  await new Promise<void>((resolve) => heldOpen.once('close', () => resolve()));
  expect(kept.destroyed).toBe(false);
  expect(received.length).toBeGreaterThan(1);
  clearInterval(timer);
  for (const socket of [silent, sending, kept]) socket.destroy();
});

it.each([
  ['is not JSON', 'load\n'],
  ['has a type that does not exist', '{"type":"farewell"}\n'],
  ['has a negative count', '{"type":"load","sessions":-1,"draining":false}\n'],
  ['does not end', `{"type":"load","sessions":${'1'.repeat(2000)}`],
])('closes a control connection at a message that %s, and delivers none of it', async (_, line) => {
  const [peer, socket] = await socketPair();
  const received: ControlMessage[] = [];
  readControl(socket, (message) => received.push(message));
  sendControl(peer, { type: 'want-offers', offers: 3 });
  peer.write(line);
  const [error] = (await once(socket, 'error')) as [Error];
  expect([received, error.name, socket.destroyed]).toEqual([[{ type: 'want-offers', offers: 3 }], 'TunnelError', true]);
  peer.destroy();
});

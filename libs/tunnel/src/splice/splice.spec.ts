import { once } from 'node:events';
import { expect, it } from 'vitest';
import { splice } from './splice.js';
import { socketPair } from '../testing/socket-pair.js';

it('passes on a half-close, and what is sent in the other direction after it', async () => {
  const [client, a] = await socketPair();
  const [b, server] = await socketPair();
  const joined = splice(a, b);
  server.resume().once('end', () => server.end('goodbye'));
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  client.end('hello');
  await once(client, 'end');
  expect(await joined).toEqual({ bytesForth: 5, bytesBack: 7 });
  expect(Buffer.concat(chunks).toString()).toBe('goodbye');
});

it('resets both sockets when one never ends its half, so that no connection is held indefinitely', async () => {
  const [client, a] = await socketPair();
  const [b, server] = await socketPair();
  const joined = splice(a, b, 100);
  client.resume(); // it reads everything and sends nothing
  server.resume().end('bye');
  expect(await joined).toEqual({ bytesForth: 0, bytesBack: 3 });
  expect([a.destroyed, b.destroyed]).toEqual([true, true]);
  client.destroy();
  server.destroy();
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { ApiError, checkServer, createSluiceClient, unwrap } from './client.js';

const why = (server: string): string => {
  try {
    checkServer(server);
    return 'taken';
  } catch (error) {
    return (error as ApiError).code;
  }
};

it.each([
  'https://sluice.example.com',
  'https://127.evil.example',
  'http://127.0.0.1:8080',
  'http://127.1',
  'http://127.255.3.9',
  'http://0x7f.1',
  'http://2130706433',
  'http://[::1]:8080',
  'http://[::ffff:127.0.0.1]',
  'http://localhost:8080',
  'http://LOCALHOST',
  'http://user:pass@127.0.0.1',
])('takes %s', (server) => expect(why(server)).toBe('taken'));

it.each([
  'http://127.evil.example',
  'http://127.0.0.1.evil.example',
  'http://127.0.0.1%2eevil.example',
  'http://127.0.0.1@evil.example',
  'http://user:127.0.0.1@evil.example',
  'http://evil.example#127.0.0.1',
  'http://evil.example/127.0.0.1',
  'http:\\\\evil.example\\@127.0.0.1',
  'http://localhost.', // who looks it up may ask the net for it
  'http://localhost.evil.example',
  'http://evil.example',
  'http://0.0.0.0',
  'http://[::]',
  'http://[::ffff:8.8.8.8]',
  'http://128.0.0.1',
])('refuses %s, which uses plain HTTP to another machine', (server) => expect(why(server)).toBe('server_not_private'));

it.each(['127.0.0.1:8080', 'ftp://127.0.0.1', 'http://127.0.0.256', 'http://', 'sluice'])(
  'refuses %s, which is not the URL of a server',
  (server) => expect(why(server)).toBe('server_invalid'),
);

it('does not follow a redirect', async () => {
  let received = 0;
  const other = createServer((_, response) => {
    received++;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
  const server = createServer((_, response) => response.writeHead(307, { location }).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createSluiceClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const answer = unwrap(client.POST('/api/v1/logins', { body: { email: 'a@b.example', password: 'secret' } }));
  await expect(answer).rejects.toThrow('does not answer');
  expect(received).toBe(0);
  server.close();
  other.close();
});

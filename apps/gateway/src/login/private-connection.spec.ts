import { request } from 'node:http';
import { parseBlock } from '@sluice/domain';
import { createLog } from '@sluice/process';
import fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { answerProblem } from '../api/problems.http.js';
import { ClientAddress } from '../client/client-address.js';
import { assertPrivate, loopbackNamesIn } from './private-connection.js';

/** The status of a request to a server that knows itself by further names. */
async function statusOf(
  headers: Record<string, string>,
  names: string[] = [],
  proxies: string[] = [],
): Promise<number | undefined> {
  const log = createLog('gateway', 'silent');
  const server = fastify();
  server.setErrorHandler((error: Error, asked, reply) => answerProblem(error, asked, reply, log));
  const clients = new ClientAddress(
    proxies.flatMap((text) => parseBlock(text) ?? []),
    log,
  );
  server.get('/', (asked) => {
    assertPrivate(asked, clients, new Set(names));
    return 'here';
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const { port } = server.server.address() as { port: number };
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', agent: false, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.once('error', reject);
    asked.end();
  });
}

it.each([
  ...['127.0.0.1', '127.0.0.1:8080', '127.1.2.3:1', 'localhost', 'LOCALHOST:9', '[::1]:8080', '0x7f.1'],
  ...['sluice.localhost', 'a.b.localhost:1'],
])('takes %s for the own machine of the browser', async (host) => expect(await statusOf({ host })).toBe(200));

it.each([
  ...['evil.example', 'evil.example:8080', '127.0.0.1.evil.example', 'localhost.evil.example', 'evillocalhost', '10.0.0.1'],
  ...['127.0.0.1@evil.example', 'evil.example#127.0.0.1', '127.0.0.1, evil.example', '[::1', 'a.localhost.'],
])('does not take "%s" for it', async (host) => expect(await statusOf({ host })).toBe(403));

it('knows the names of the hosts file if the browser is on this machine', async () => {
  const names = ['sluice.test'];
  expect(await statusOf({ host: 'Sluice.test:8080' }, names)).toBe(200);
  expect(await statusOf({ host: 'other.test' }, names)).toBe(403);
  const elsewhere = { host: 'sluice.test', 'x-forwarded-for': '198.51.100.7' };
  expect(await statusOf(elsewhere, names, ['127.0.0.1'])).toBe(403);
});

it('leaves every name to a proxy that terminates TLS', async () => {
  const headers = { host: 'sluice.example.com', 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.7' };
  expect(await statusOf(headers, [], ['127.0.0.1'])).toBe(200);
  expect(await statusOf(headers)).toBe(403); // anybody can send these headers
});

it('reads the names of loopback addresses in a hosts file', () => {
  const text =
    '127.0.0.1\tlocalhost here.test # me.test\n::1 ip6 Ip6-Loopback\n#127.0.0.1 no.test\n192.0.2.1 other.test\n\n127.0.1.1 box';
  expect([...loopbackNamesIn(text)]).toEqual(['localhost', 'here.test', 'ip6', 'ip6-loopback', 'box']);
});

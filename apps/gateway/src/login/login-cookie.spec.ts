import { request } from 'node:http';
import { createLog } from '@sluice/process';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientAddress } from '../client/client-address.js';
import { LoginCookie } from './login-cookie.js';

const server = fastify();
const cookie = new LoginCookie(new ClientAddress([], createLog('gateway', 'silent')));
let port: number;
beforeAll(async () => {
  server.get('/*', (asked, reply) => {
    cookie.clear(asked, reply);
    return cookie.valuesIn(asked);
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = server.server.address() as { port: number });
});
afterAll(() => server.close());

function ask(path: string, sent?: string): Promise<{ body: unknown; cleared: string[] }> {
  return new Promise((resolve, reject) => {
    const headers = sent === undefined ? {} : { cookie: sent.replaceAll('PORT', String(port)) };
    const asked = request({ port, host: '127.0.0.1', path, agent: false, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => {
        const paths = (response.headers['set-cookie'] ?? []).map((set) => / Path=([^;]*)/.exec(set)?.[1] ?? set);
        resolve({ body: JSON.parse(text), cleared: paths });
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}

it.each([
  ['a=b; sluice-PORT=slt_a; c=d', ['slt_a']],
  ['sluice-PORT=slt_a; sluice-PORT=slt_b', ['slt_a', 'slt_b']],
  ['sluice-PORT=whatever somebody set; sluice-PORT=', ['whatever somebody set', '']],
  ['sluice=slt_a; sluice-1=slt_a; __Host-sluice=slt_a; xsluice-PORT=slt_a', []],
  ['', []],
])('finds in "%s" the values %j', async (sent, values) => {
  expect((await ask('/', sent)).body).toEqual(values);
});

it('forgets the cookies of every path with which the browser sends them, and writes nothing that ends the attribute', async () => {
  expect((await ask('/')).cleared).toEqual(['/']);
  expect((await ask('/api/v1/me?from=/a/b')).cleared).toEqual(['/api', '/api/', '/api/v1', '/api/v1/', '/api/v1/me', '/']);
  expect((await ask('/api/v1/servers/a;%20Domain=x')).cleared).toEqual([
    ...['/api', '/api/', '/api/v1', '/api/v1/', '/api/v1/servers', '/api/v1/servers/', '/'],
  ]);
  expect((await ask(`/${'a/'.repeat(1000)}`)).cleared.length).toBeLessThan(25);
});

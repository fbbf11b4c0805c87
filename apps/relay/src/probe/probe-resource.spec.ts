import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type CheckMode, parseBlock } from '@sluice/domain';
import { PolicyReplica } from '@sluice/messaging';
import { LOCAL_PROXY_HEADER } from '@sluice/tunnel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { probeResource } from './probe-resource.js';

const resourceId = randomUUID();
const loopback = { allow: [parseBlock('127.0.0.0/8') ?? expect.fail()], deny: [] };

let server: Server;
let received: Promise<Buffer>;
/** What the service says when a client has connected; null: it closes the connection. */
let greeting: string | null;
beforeEach(async () => {
  greeting = '';
  server = createServer((socket) => (greeting === null ? socket.end() : socket.write(greeting))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  received = once(server, 'connection').then(async ([socket]) => {
    const chunks: Buffer[] = [];
    for await (const chunk of socket as Socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks); // once the other side has ended
  });
});
afterEach(() => void server.close());

function policyWith(proxyProtocol: boolean, check: CheckMode = 'connect'): PolicyReplica {
  const policy = new PolicyReplica(() => 0);
  const { port } = server.address() as AddressInfo;
  const value = {
    id: resourceId,
    name: 'orders',
    cluster: 'default',
    hostname: '127.0.0.1',
    port,
    tags: {},
    settings: {},
    proxyProtocol,
    check,
  };
  policy.onValue(
    `resource.${resourceId}`,
    { revision: 1, changedAt: new Date(0).toISOString(), entry: { kind: 'resource', value } },
    true,
  );
  return policy;
}

it('connects, sends nothing and closes the connection', async () => {
  expect(await probeResource(policyWith(false), loopback, resourceId)).toMatchObject({ reached: true, error: null });
  expect((await received).length).toBe(0);
});

it('marks the connection as a health check of its own for a server with PROXY protocol', async () => {
  expect(await probeResource(policyWith(true), loopback, resourceId)).toMatchObject({ reached: true });
  expect(await received).toEqual(LOCAL_PROXY_HEADER);
});

it('reports a server that does not listen', async () => {
  const policy = policyWith(false);
  server.close();
  await once(server, 'close');
  const { reached, error } = await probeResource(policy, loopback, resourceId);
  expect([reached, error]).toEqual([false, expect.stringMatching(/^refused \(127.0.0.1:\d+: ECONNREFUSED\)$/)]);
});

it('dials only where a session may be dialled to', async () => {
  const reply = await probeResource(policyWith(false), { allow: [], deny: loopback.allow }, resourceId);
  expect(reply).toMatchObject({
    reached: false,
    error: expect.stringMatching(/^egress denied by this relay's operator \(.*127.0.0.1/) as string,
  });
});

it('reports a server that the policy does not contain', async () => {
  expect(await probeResource(policyWith(false), loopback, randomUUID())).toMatchObject({ reached: false, ms: 0 });
});

it('in the mode greeting expects the service to send something, and ends the conversation in its protocol', async () => {
  greeting = '220 mail.example.com ESMTP\r\n';
  expect(await probeResource(policyWith(false, 'greeting'), loopback, resourceId)).toMatchObject({ reached: true, error: null });
  expect((await received).toString()).toBe('QUIT\r\n');
});

it('ends it in order in the mode connect too, without waiting for the greeting', async () => {
  greeting = 'SSH-2.0-OpenSSH_9.2p1\r\n';
  expect(await probeResource(policyWith(false), loopback, resourceId)).toMatchObject({ reached: true });
  expect((await received).toString()).toBe('SSH-2.0-Sluice_check\r\n');
});

it.each([
  ['says nothing', '', 'nothing within 2 s'],
  ['closes the connection', null, 'the service closed the connection'],
])('reports in the mode greeting a service that %s', async (_, says, why) => {
  greeting = says;
  const { reached, error } = await probeResource(policyWith(false, 'greeting'), loopback, resourceId);
  expect([reached, error]).toEqual([false, expect.stringMatching(new RegExp(`^no greeting \\(127.0.0.1:\\d+: ${why}\\)$`))]);
});

it('looks at the TLS of a server in place of its greeting, after the header of PROXY protocol, and counts it as reached', async () => {
  greeting = 'SSH-2.0-OpenSSH_9.2p1\r\n';
  const reply = await probeResource(policyWith(true, 'greeting'), loopback, resourceId, 'direct');
  expect(reply).toMatchObject({ reached: true, error: null, tls: { result: 'no TLS', certificate: null } });
  const bytes = await received;
  expect(bytes.subarray(0, LOCAL_PROXY_HEADER.length)).toEqual(LOCAL_PROXY_HEADER);
  expect(bytes.subarray(LOCAL_PROXY_HEADER.length)[0]).toBe(0x16); // a TLS record of the handshake
});

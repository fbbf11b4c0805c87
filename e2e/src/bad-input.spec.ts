import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { X509Certificate } from 'node:crypto';
import { CertificateVerifier, makeKeyPair, readPrivateKey, readPublicKey, signBytes } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { type Credentials, dialPreamble, readAnswer, TunnelError } from '@sluice/tunnel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keepHostname } from './database-owner.js';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

interface Kept {
  readonly token: string;
  readonly account: { id: string };
  readonly privateKey: string;
  readonly certificate: string;
  readonly ca: string;
}

let system: TestSystem;
let user: TestUser;
let kept: Kept;
let resource: Resource;
let tunnelPort: number;

beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
  kept = JSON.parse(readFileSync(path.join(user.configHome, 'login.json'), 'utf8')) as Kept;
  resource = await Resource.serve(echo);
  const nodes = await unwrap(system.admin.GET('/api/v1/nodes'));
  tunnelPort = Number(
    nodes.items
      .find((node) => node.kind === 'gateway')
      ?.address?.split(':')
      .at(-1),
  );
});
afterEach(async () => {
  // after all of this, the services are ready
  expect((await fetch(`${system.handle.url}/readyz`)).status).toBe(200);
});
afterAll(async () => {
  resource.close();
  await user.leave();
});

const add = (body: Record<string, unknown>) =>
  fetch(`${system.handle.url}/api/v1/servers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${system.adminToken}` },
    body: JSON.stringify({ name: `limits-${Math.random()}`, hostname: '10.0.0.1', ...body }),
  });

describe('a server', () => {
  const long = (length: number) => 'n'.repeat(length - 12) + Math.random().toFixed(10);
  const manyTags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, 'v']));
  it.each<[string, Record<string, unknown>]>([
    ['a name of 100 characters', { name: long(100) }],
    ['a name in another script', { name: `база данных ${Math.random()}` }],
    ['the lowest port', { port: 1 }],
    ['the highest port', { port: 65535 }],
    ['an IPv6 address', { hostname: '2001:db8::1' }],
    ['an internationalized name', { hostname: 'bücher.example' }],
    ['a name of 253 characters', { hostname: `${'a.'.repeat(126)}a` }],
    ['the highest port override', { portOverride: 64999 }],
    ['50 tags', { tags: manyTags(50) }],
    ['a tag of the longest key and value', { tags: { ['k'.repeat(63)]: 'v'.repeat(255) } }],
    ['the loopback address itself', { bindAddress: '127.0.0.1' }],
    ['no cluster by its other name', { proxyCluster: null }],
  ])('may have %s', async (_what, body) => {
    const response = await add(body);
    const server = (await response.json()) as Schemas['Server'];
    expect([response.status, server]).toMatchObject([201, { health: { state: 'unhealthy' } }]);
    await unwrap(
      system.admin.DELETE('/api/v1/servers/{id}', { params: { path: { id: server.id }, query: { version: server.version } } }),
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no name', { name: '' }, 'name_missing'],
    ['a name of 101 characters', { name: 'n'.repeat(101) }, 'name_too_long'],
    ['a name with a space at its edge', { name: ' db' }, 'name_edge_space'],
    ['a quote in its name', { name: 'my "db"' }, 'name_character'],
    ['an angle bracket in its name', { name: 'a<b' }, 'name_character'],
    ['an invisible character in its name', { name: 'a\u200bb' }, 'name_character'],
    ['a private-use character in its name', { name: 'a\ue000b' }, 'name_character'],
    ['no hostname', { hostname: '' }, 'hostname_missing'],
    ['a scheme', { hostname: 'tcp://db' }, 'hostname_invalid'],
    ['a port in its hostname', { hostname: 'db:5432' }, 'hostname_invalid'],
    ['a path', { hostname: 'db/x' }, 'hostname_invalid'],
    ['a list of hosts', { hostname: 'a,b' }, 'hostname_invalid'],
    ['an octal IPv4 address', { hostname: '010.0.0.1' }, 'hostname_invalid'],
    ['a short IPv4 address', { hostname: '10.1' }, 'hostname_invalid'],
    ['an IPv4 address as one number', { hostname: '167772161' }, 'hostname_invalid'],
    ['a hexadecimal IPv4 address', { hostname: '0x0a000001' }, 'hostname_invalid'],
    ['a link-local address of cloud metadata', { hostname: '169.254.169.254' }, 'hostname_never_dialled'],
    ['an address of the virtual subnet', { hostname: '100.64.0.7' }, 'hostname_never_dialled'],
    ['an IPv6 zone', { hostname: 'fe80::1%eth0' }, 'hostname_invalid'],
    ['a hostname of 255 characters', { hostname: `${'a.'.repeat(127)}a` }, 'hostname_invalid'],
    ['port 0', { port: 0 }, 'port_invalid'],
    ['port 65536', { port: 65536 }, 'port_invalid'],
    ['half a port', { port: 80.5 }, 'port_invalid'],
    ['an unknown cluster', { proxyCluster: 'moon' }, 'proxy_cluster_unknown'],
    ['virtual networking', { connectivityMode: 'virtual-network' }, 'virtual_network_not_enabled'],
    ['an unknown mode', { connectivityMode: 'magic' }, 'connectivity_mode_invalid'],
    ['a bind address outside the range', { bindAddress: '127.0.0.2' }, 'bind_address_outside_range'],
    ['a bind address that is not an IP address', { bindAddress: 'localhost' }, 'bind_address_invalid'],
    ['port override 1023', { portOverride: 1023 }, 'port_override_invalid'],
    ['port override 65000', { portOverride: 65000 }, 'port_override_invalid'],
    ['port override -1 when it is new', { portOverride: -1 }, 'port_override_invalid'],
    ['a DNS name in loopback mode', { dns: 'db.example.test' }, 'dns_needs_virtual_network'],
    ['51 tags', { tags: manyTags(51) }, 'tags_too_many'],
    ['a tag key with a space', { tags: { 'a b': 'x' } }, 'tag_key_invalid'],
    ['a tag key of 64 characters', { tags: { ['k'.repeat(64)]: 'x' } }, 'tag_key_invalid'],
    ['a comma in a tag value', { tags: { a: 'x,y' } }, 'tag_value_invalid'],
    ['a tag value of 256 characters', { tags: { a: 'v'.repeat(256) } }, 'tag_value_invalid'],
    ['an unknown field', { colour: 'red' }, 'invalid_input'],
    ['a port as text', { port: '5432' }, 'invalid_input'],
  ])('may not have %s', async (_what, body, code) => {
    const response = await add(body);
    const problem = (await response.json()) as Schemas['Problem'];
    expect(problem.code).toBe(code);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(problem.title.length).toBeGreaterThan(10);
  });

  it('may not use a name or an address of another server', async () => {
    const first = await system.addServer(5432, { name: `Taken ${Date.now()}` });
    expect(((await (await add({ name: first.name.toUpperCase() })).json()) as Schemas['Problem']).code).toBe('name_taken');
    expect(((await (await add({ portOverride: first.portOverride })).json()) as Schemas['Problem']).code).toBe(
      'port_override_taken',
    );
    const stale = await system.admin.PATCH('/api/v1/servers/{id}', {
      params: { path: { id: first.id } },
      body: { version: 7, port: 1 },
    });
    expect([stale.response.status, stale.error?.code]).toEqual([409, 'version_conflict']);
    const moved = await unwrap(
      system.admin.PATCH('/api/v1/servers/{id}', { params: { path: { id: first.id } }, body: { version: 1, portOverride: -1 } }),
    );
    expect(moved.portOverride).not.toBe(first.portOverride);
  });

  it('gets an address of its own under 40 parallel creates', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => add({})));
    const servers = (await Promise.all(answers.map((answer) => answer.json()))) as Schemas['Server'][];
    expect(answers.map((answer) => answer.status)).toEqual(Array(40).fill(201));
    expect(new Set(servers.map((server) => `${server.bindAddress}:${server.portOverride}`)).size).toBe(40);
  });
});

/** Sends bytes to the tunnel port; says what came back and that it was closed. */
function sendRaw(bytes: Buffer, end = true): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(tunnelPort, '127.0.0.1', () => (end ? socket.end(bytes) : socket.write(bytes)));
    socket
      .on('data', (chunk) => chunks.push(chunk))
      .on('error', () => undefined)
      .on('close', () => resolve(Buffer.concat(chunks)));
  });
}

describe('the tunnel port', () => {
  const verifyGateway = (ca: string) => (der: Buffer) => new CertificateVerifier(ca).verify(der);
  const credentials = (certificate: string, privateKey: string): Credentials => ({
    certificate: new X509Certificate(certificate).raw,
    sign: (bytes) => signBytes(readPrivateKey(privateKey), bytes),
  });

  async function dial(kind: 'carry' | 'offer' | 'control', own: Credentials, port = tunnelPort): Promise<void> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    try {
      const signal = AbortSignal.timeout(8000);
      await dialPreamble(socket, { kind, cluster: 'default' }, own, verifyGateway(kept.ca), signal);
      await readAnswer(socket, signal);
    } finally {
      socket.destroy();
    }
  }

  it('accepts an account with its own certificate and key', async () => {
    await dial('carry', credentials(kept.certificate, kept.privateKey));
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251))],
    ['half a magic', Buffer.from('SLUI')],
    ['a length and nothing more', Buffer.from('SLUICE\x01\x00')],
    ['a message that is too long', Buffer.concat([Buffer.from('SLUICE\xff\xff', 'latin1'), Buffer.alloc(70_000)])],
    ['JSON that is no hello', Buffer.from('SLUICE\x00\x02{}')],
    ['a PROXY header', Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n')],
    [
      'a binary PROXY header',
      Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x00\x01\x00\x02', 'latin1'),
    ],
    ['a TLS client hello', Buffer.from('160301007a010000760303', 'hex')],
  ])('closes on %s, without a word', async (_what, bytes) => {
    expect((await sendRaw(bytes)).length).toBe(0);
  });

  it('closes a silent connection after five seconds', async () => {
    const before = performance.now();
    await sendRaw(Buffer.from('SLUICE'), false);
    expect(performance.now() - before).toBeGreaterThan(4000);
    expect(performance.now() - before).toBeLessThan(9000);
  });

  it('refuses a certificate of another authority', async () => {
    const authority = await createAuthority('11111111-1111-4111-8111-111111111111', new Date());
    const pair = makeKeyPair();
    const identity = {
      kind: 'account',
      organizationId: '11111111-1111-4111-8111-111111111111',
      accountId: kept.account.id,
      loginId: kept.account.id,
    } as const;
    const { certificatePem } = await issueCertificate(
      authority,
      identity,
      readPublicKey(pair.publicPem) as never,
      new Date(),
      3600_000,
    );
    await expect(dial('carry', credentials(certificatePem, pair.privatePem))).rejects.toThrow(/not issued by this installation/);
  });

  it('refuses a certificate without the matching key', async () => {
    await expect(dial('carry', credentials(kept.certificate, makeKeyPair().privatePem))).rejects.toThrow(/do not hold the key/);
  });

  it('rejects an account that requests what only relays may', async () => {
    await expect(dial('offer', credentials(kept.certificate, kept.privateKey))).rejects.toThrow(/connection of kind offer/);
    await expect(dial('control', credentials(kept.certificate, kept.privateKey))).rejects.toThrow(/connection of kind control/);
  });

  it('refuses a certificate that was altered', async () => {
    const der = Buffer.from(new X509Certificate(kept.certificate).raw);
    der[der.length - 20] = (der[der.length - 20] as number) ^ 1;
    await expect(
      dial('carry', { certificate: der, sign: (bytes) => signBytes(readPrivateKey(kept.privateKey), bytes) }),
    ).rejects.toThrow(TunnelError);
  });

  it('rejects a preamble that was recorded on the wire and replayed, here or at another gateway', async () => {
    // a wire-tap between a real dialler and the gateway
    const recorded: Buffer[] = [];
    const tap = createServer((client) => {
      const gateway = connect(tunnelPort, '127.0.0.1');
      client.on('data', (chunk) => {
        recorded.push(chunk);
        gateway.write(chunk);
      });
      gateway.pipe(client);
      for (const socket of [client, gateway]) socket.on('error', () => undefined);
      client.on('close', () => gateway.destroy());
    });
    await new Promise<void>((resolve) => tap.listen(0, '127.0.0.1', resolve));
    await dial('carry', credentials(kept.certificate, kept.privateKey), (tap.address() as { port: number }).port);
    tap.close();
    const replay = Buffer.concat(recorded);
    expect(replay.length).toBeGreaterThan(500);
    const answer = await sendRaw(replay, false);
    expect(answer.toString('latin1')).toContain('do not hold the key');
    expect(answer.toString('latin1')).not.toContain('"ok":true');
  });
});

it('resets a connection of another user of the machine, and accepts one of its own user', async () => {
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const before = resource.accepted.length;
  const script = `const s=require('net').connect(${port},'127.0.0.1',()=>s.write('hello'));s.on('data',()=>{console.log('answered');s.destroy()});s.on('error',e=>console.log(e.code))`;
  const as = (command: string[]) =>
    new Promise<string>((resolve) =>
      execFile(command[0] as string, command.slice(1), (_error, stdout) => resolve(stdout.trim())),
    );
  expect(await as(['setpriv', '--reuid', 'nobody', '--clear-groups', process.execPath, '-e', script])).toBe('ECONNRESET');
  expect(resource.accepted.length).toBe(before);
  expect(await as([process.execPath, '-e', script])).toBe('answered');
});

it('does not dial an address that egress rules deny, and records it', async () => {
  const server = await system.addServer(80);
  await keepHostname(system, server.id, '169.254.169.254');
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const code = await new Promise<string | undefined>((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).on('end', () => resolve('ended'));
    socket.resume();
  });
  expect(code).toBe('ECONNRESET');
  const [record] = await system.recordsWhen(server.id, (found) => found.length === 1);
  expect(record).toMatchObject({ outcome: 'refused', endReason: 'egress denied' });
});

it('explains what is wrong with a command, and exits with 2 for wrong use and 1 for a failure', async () => {
  const wrong = await user.run('connect');
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('name the servers to connect, or give --all')]);
  const none = await user.run('disconnect');
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('missing required argument')]);
  const unknown = await user.run('connect', 'no such server');
  expect([unknown.status, unknown.stderr]).toEqual([
    1,
    expect.stringContaining('there is no server of this name that you may reach'),
  ]);
  const forbidden = await user.run('admin', 'users', 'list');
  expect([forbidden.status, forbidden.stderr]).toEqual([
    1,
    expect.stringContaining('requires the API role administrator or auditor'),
  ]);
  const plain = await user.run(
    'login',
    '--server',
    'http://sluice.example.com',
    '--email',
    'x@example.test',
    '--password-file',
    '/dev/null',
  );
  expect([plain.status, plain.stderr]).toEqual([2, expect.stringContaining('plain HTTP to another machine')]);
  const range = await user.run('admin', 'servers', 'add', 'tcp', 'x', '--hostname', 'h', '--port', '80-90');
  expect([range.status, range.stderr]).toEqual([2, expect.stringContaining('exactly one port')]);
  for (const said of [wrong, none, unknown, forbidden, plain, range]) expect(said.stderr).not.toMatch(/\n\s+at /);
});

it('says which process has an address that is in use', async () => {
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(server.portOverride, '127.0.0.1', resolve));
  const said = await user.run('connect', server.name);
  squatter.close();
  expect(said.status).toBe(1);
  expect(said.stderr).toContain(`127.0.0.1:${server.portOverride} is in use by`);
  expect(said.stderr).toContain(`(pid ${process.pid})`);
});

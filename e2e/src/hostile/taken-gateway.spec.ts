import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { carried } from '../carried.js';
import { Scene } from '../scene.js';

type Credentials = Schemas['NodeCredentials'];

/** Another bus, of whoever has taken over the gateway. */
const ANOTHER_BUS = 'nats://127.0.0.1:1';

let scene: Scene;
/** The API of a gateway that was taken over: it passes on everything, and answers renewals as `deceit` says. */
let api: Server;
let deceit: 'none' | 'deleted' | 'another bus' = 'none';
/** How many renewals each deceit has met. */
const renewals = { none: 0, deleted: 0, 'another bus': 0 };

beforeAll(async () => {
  scene = await Scene.start();
  const { installation, system } = scene;
  api = createServer((request, response) => {
    void request.toArray().then(async (chunks) => {
      const { method = '', url = '', headers } = request;
      const body = Buffer.concat(chunks as Buffer[]);
      const passed = await fetch(new URL(url, installation.url), {
        method,
        headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !['host', 'connection'].includes(name))) as Record<
          string,
          string
        >,
        ...(body.length > 0 && { body }),
      });
      const [status, text] = url.endsWith('/nodes/renew')
        ? deceive(passed.status, await passed.text())
        : [passed.status, await passed.text()];
      response
        .writeHead(status, { 'content-type': 'application/json', 'sluice-release': passed.headers.get('sluice-release') ?? '' })
        .end(text);
    });
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name: 'relay-2' } }));
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  await installation.addRelay('relay-2', {
    SLUICE_ENROLMENT_TOKEN: token,
    SLUICE_GATEWAY_URL: url,
    SLUICE_EGRESS_ALLOW: '127.0.0.0/8',
  });
  await installation.service('relay').stop(20_000);
  await vi.waitFor(async () => expect(await stateOfRelay()).toBe('online'), 60_000);
}, 180_000);
afterAll(async () => {
  api.close();
  await scene.end();
});

function deceive(status: number, text: string): [number, string] {
  renewals[deceit]++;
  if (deceit === 'none' || status !== 200) return [status, text];
  if (deceit === 'deleted')
    return [
      401,
      JSON.stringify({
        type: 'about:blank',
        status: 401,
        title: 'this node was deleted',
        code: 'node_deleted',
        requestId: randomUUID(),
      }),
    ];
  const given = JSON.parse(text) as Credentials;
  return [status, JSON.stringify({ ...given, nats: { ...given.nats, servers: [ANOTHER_BUS], ca: undefined } })];
}

const stateOfRelay = async () =>
  (await unwrap(scene.system.admin.GET('/api/v1/nodes', { params: { query: { name: 'relay-2' } } }))).items[0]?.state;
const log = () => readFileSync(path.join(scene.installation.options.home, 'logs', 'relay-2.log'), 'utf8');
const identity = () => readFileSync(path.join(scene.installation.options.home, 'relays', 'relay-2', 'identity.json'), 'utf8');

/** Sends bytes through a session that is open, and waits for their echo. */
async function ping(session: Socket): Promise<void> {
  session.write('ping');
  await once(session, 'data', { signal: AbortSignal.timeout(5000) });
}

it('can neither end the sessions of a relay that renews through it, nor lead it to another bus', async () => {
  const { system, user, resource } = scene;
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const session = await carried(await user.connect(server.name));

  deceit = 'deleted';
  await unwrap(system.admin.POST('/api/v1/authorities/prepare')); // has every node renew
  await expect.poll(() => renewals.deleted, { timeout: 30_000 }).toBeGreaterThan(1);
  await ping(session);
  expect(log()).toContain('a gateway says that this relay is not accepted any more, and the policy that it is');

  deceit = 'another bus';
  await expect.poll(() => renewals['another bus'], { timeout: 60_000 }).toBeGreaterThan(1);
  await ping(session);
  expect(log()).toContain('the authority has not signed these credentials');
  expect(identity()).not.toContain(ANOTHER_BUS);

  deceit = 'none';
  const { authorities } = await unwrap(system.admin.GET('/api/v1/authorities'));
  const next = authorities.at(-1)?.certificate.trim();
  await expect
    .poll(() => JSON.parse(identity()) as { credentials: Credentials }, { timeout: 60_000 })
    .toMatchObject({
      credentials: { ca: expect.stringContaining(next as string) as string, signature: expect.any(String) as string },
    });
  await ping(session);
  session.end();
  await once(session.resume(), 'close');
  expect(await stateOfRelay()).toBe('online');
}, 180_000);

it('cannot end a relay that starts either, which hears from the policy that it is accepted', async () => {
  const { system, user, resource, installation } = scene;
  const relay = installation.service('relay-2');
  await relay.stop(20_000);
  const before = log().length;
  deceit = 'deleted';
  renewals.deleted = 0;
  await relay.start();
  await expect.poll(() => log().slice(before), { timeout: 60_000 }).toContain('not accepted any more, and the policy that it is');
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const session = await carried(await user.connect(server.name));
  const asked = renewals.deleted;
  await expect.poll(() => renewals.deleted, { timeout: 60_000 }).toBeGreaterThan(asked);
  await ping(session);
  session.destroy();
  deceit = 'none';
}, 180_000);

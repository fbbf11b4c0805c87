import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { Resource } from './resource.js';
import { Scene } from './scene.js';
import { TlsService } from './tls-service.js';

/** Stands in the certificate, and must not be kept anywhere. */
const CANARY = `canary-${randomUUID()}`;

let scene: Scene;
let service: TlsService;
beforeAll(async () => {
  scene = await Scene.start();
  service = await TlsService.serve(`/O=${CANARY}/CN=db.internal`, 'DNS:localhost,DNS:db.internal');
});
afterAll(async () => {
  service.close();
  await scene.end();
});

type Start = 'direct' | 'postgresql';
const check = (id: string, tls?: Start) =>
  unwrap(
    scene.system.admin.POST('/api/v1/servers/{id}/check', {
      params: { path: { id } },
      ...(tls === undefined ? {} : { body: { tls } }),
    }),
  );
/** Checks as soon as the budget allows it. */
async function checkTls(id: string, tls: Start): Promise<Schemas['ServerCheck']> {
  let checked: Schemas['ServerCheck'] | undefined;
  await expect.poll(async () => (checked = await check(id, tls)).checkedBy, { timeout: 20_000, interval: 200 }).toBe('relay-1');
  return checked ?? expect.fail();
}
const SOON = { settings: { checkBudgetSeconds: 1 } };
const serve = (port: number, more: Parameters<Scene['system']['addServer']>[1] = {}) =>
  scene.system.addServer(port, { ...SOON, ...more });

it('shows the certificate of a service, and for which names of clients it is valid', async () => {
  const server = await serve(service.port, { hostname: 'localhost' });
  const { tls, state, nodes } = await checkTls(server.id, 'direct');
  expect(tls).toMatchObject({
    result: 'certificate',
    message: 'TLSv1.3',
    certificate: {
      subject: `O=${CANARY}, CN=db.internal`,
      names: ['localhost', 'db.internal'],
      nameCount: 2,
      trusted: false,
      untrustedBecause: 'it is self-signed',
      fits: [
        { name: 'localhost', use: 'endpoint', fits: true },
        { name: server.bindAddress, use: 'client', fits: false },
      ],
    },
  });
  const days = (Date.parse(tls?.certificate?.validUntil ?? '') - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  expect([state, nodes[0]?.lastError]).toEqual(['healthy', undefined]);
});

it('has one connection for it in the time of the budget, as every check', async () => {
  const server = await serve(service.port, { settings: { checkBudgetSeconds: 60 } });
  await expect.poll(async () => (await check(server.id)).state, { timeout: 15_000 }).toBe('healthy');
  expect(await check(server.id, 'direct')).toMatchObject({ checkedBy: null });
  expect(await check(server.id, 'direct')).not.toHaveProperty('tls');
});

it('says within two seconds that a service does not speak TLS, which does not make it unhealthy', async () => {
  const silent = await Resource.serve((socket) => void socket.resume());
  const talking = await Resource.serve((socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
  try {
    for (const [resource, result] of [
      [silent, 'silent'],
      [talking, 'no TLS'],
    ] as const) {
      const { id } = await serve(resource.port);
      const checked = await checkTls(id, 'direct');
      expect(checked).toMatchObject({ state: 'healthy', tls: { result, certificate: null } });
    }
  } finally {
    silent.close();
    talking.close();
  }
});

it('asks a real PostgreSQL for TLS, which it does not accept, and does not disturb it', async () => {
  const server = await serve(scene.system.postgres.port);
  const refused = { result: 'no TLS', message: 'the PostgreSQL server does not accept TLS', certificate: null };
  expect(await checkTls(server.id, 'postgresql')).toMatchObject({ state: 'healthy', tls: refused });
});

it('does not take a look at its TLS for the greeting of a server that should greet', async () => {
  const server = await serve(service.port, { check: 'greeting' });
  const healthy = await checkTls(server.id, 'direct');
  expect([healthy.tls?.result, healthy.state]).toEqual(['certificate', 'unhealthy']);
});

it('keeps nothing of what a certificate says: neither in the stores nor in a log', async () => {
  const server = await serve(service.port, { hostname: 'localhost' });
  expect(JSON.stringify(await checkTls(server.id, 'direct'))).toContain(CANARY);
  const { home } = scene.system.handle;
  const found = (text: string): string => {
    try {
      return execFileSync('grep', ['-rlaF', '-e', text, home], { encoding: 'utf8' });
    } catch (error) {
      return (error as { status?: number }).status === 1 ? '' : expect.fail(String(error));
    }
  };
  const owner = await databaseOwner(scene.system);
  await owner.query('checkpoint');
  await owner.end();
  expect(found(CANARY)).toBe('');
  expect(found(server.name)).not.toBe(''); // it would be found
});

it('is for administrators', async () => {
  const said = await scene.user.run('admin', 'servers', 'check', 'my-db', '--tls', 'direct');
  expect(said.status).toBe(1);
});

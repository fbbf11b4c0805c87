import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSluiceClient, type SluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handleOf, TestSystem } from '@sluice/testing';
import { databaseOwner } from '../database-owner.js';
import { Scene } from '../scene.js';

let scene: Scene;
let owner: pg.Client;
beforeAll(async () => {
  scene = await Scene.start();
  owner = await databaseOwner(scene.system);
});
afterAll(async () => {
  await owner.end();
  await scene.end();
});

/** The first administrator, signed in again: an earlier login may have ended with the account's suspension. */
const administrator = async (): Promise<SluiceClient> => (await TestSystem.use(handleOf(scene.installation))).admin;
const nobody = () => createSluiceClient({ server: scene.system.handle.url });
const signIn = async (email: string, password: string) =>
  tokenOf(await unwrap(nobody().POST('/api/v1/logins', { body: { email, password } })));
const password = () => readFileSync(scene.user.passwordFile, 'utf8');
const userOf = async (email: string) =>
  (await unwrap((await administrator()).GET('/api/v1/users', { params: { query: { email } } }))).items[0] as {
    id: string;
    version: number;
  };

it('never removes the last administrator, also when two remove each other', async () => {
  const admin = await administrator();
  const first = await userOf('admin@sluice.local');
  const body = { version: first.version };
  const alone = await admin.POST('/api/v1/users/{id}/suspend', { params: { path: { id: first.id } }, body });
  const refused = { status: 409, code: 'last_administrator', value: 'admin@sluice.local' }; // whom a person knows, not an id
  expect(alone.error).toMatchObject(refused);

  const email = 'second-admin@example.test';
  await unwrap(
    admin.POST('/api/v1/users', { body: { email, apiRole: 'administrator', password: 'correct horse battery staple' } }),
  );
  const second = createSluiceClient({
    server: scene.system.handle.url,
    token: await signIn(email, 'correct horse battery staple'),
  });
  const other = await userOf(email);
  const answers = await Promise.all([
    admin.POST('/api/v1/users/{id}/suspend', { params: { path: { id: other.id } }, body: { version: other.version } }),
    second.POST('/api/v1/users/{id}/suspend', { params: { path: { id: first.id } }, body }),
  ]);
  expect(answers.map(({ response }) => response.status).sort()).not.toEqual([200, 200]);
  const { rows } = await owner.query("select 1 from registry.account where api_role = 'administrator' and status = 'active'");
  expect(rows.length).toBeGreaterThanOrEqual(1);
  await owner.query("update registry.account set status = 'active' where api_role = 'administrator'"); // for the other tests
});

it('gives a certificate that ends with its login at the latest', async () => {
  const token = await signIn(scene.user.email, password());
  const api = createSluiceClient({ server: scene.system.handle.url, token });
  await owner.query("update registry.login set expires_at = now() + interval '5 minutes' where account_id = $1", [scene.user.id]);
  const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    type: 'spki',
    format: 'pem',
  }) as string;
  const { expiresAt } = await unwrap(api.POST('/api/v1/me/certificates', { body: { publicKey } }));
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(300_000);
});

it('does not make tokens valid again when an account is resumed', async () => {
  const admin = await administrator();
  const token = await signIn(scene.user.email, password());
  const api = createSluiceClient({ server: scene.system.handle.url, token });
  expect((await api.GET('/api/v1/me')).response.status).toBe(200);
  for (const verb of ['suspend', 'resume'] as const) {
    const { id, version } = await userOf(scene.user.email);
    await unwrap(admin.POST(`/api/v1/users/{id}/${verb}`, { params: { path: { id } }, body: { version } }));
  }
  expect((await api.GET('/api/v1/me')).response.status).toBe(401);
  await signIn(scene.user.email, password());
});

it('rejects passwords that are guessed first', async () => {
  for (const guessed of ['aaaaaaaaaaaa', 'abababababab', 'passwordpassword', '123412341234']) {
    const { error } = await (
      await administrator()
    ).POST('/api/v1/users', {
      body: { email: 'guessed@example.test', apiRole: 'user', password: guessed },
    });
    expect([guessed, (error as { code?: string } | undefined)?.code]).toEqual([guessed, 'password_common']);
  }
});

it('counts guesses for one account, however its e-mail is spelled', async () => {
  const { email } = scene.user;
  const spellings = [email, ` ${email}`, `${email} `, email.toUpperCase(), `\t${email}`, `${email}\n`];
  const statuses: number[] = [];
  for (let i = 0; i < 24; i++) {
    const spelled = spellings[i % spellings.length] as string;
    statuses.push((await nobody().POST('/api/v1/logins', { body: { email: spelled, password: `wrong ${i}` } })).response.status);
  }
  // five are free, and each later one needs a wait that doubles
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(8);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(16);
});

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createSluiceClient, type SluiceClient, unwrap } from '@sluice/sdk';
import type { TestUser } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { Scene } from '../scene.js';

const FIRST = 'correct horse battery staple';
const SECOND = 'another horse, another staple';

let scene: Scene;
let owner: pg.Client;
const users: TestUser[] = [];
beforeAll(async () => {
  scene = await Scene.start();
  owner = await databaseOwner(scene.system);
});
afterAll(async () => {
  await owner.end();
  for (const user of users) await user.leave();
  await scene.end();
});

const server = () => scene.system.handle.url;
const as = (token: string) => createSluiceClient({ server: server(), token });
const signIn = async (email: string, password: string) => {
  const { data, error, response } = await createSluiceClient({ server: server() }).POST('/api/v1/logins', {
    body: { email, password },
  });
  return { status: response.status, code: (error as { code?: string } | undefined)?.code, ...data };
};
const statusOf = async (token: string) => (await as(token).GET('/api/v1/me')).response.status;

/** A user of one test. */
async function person(): Promise<{ user: TestUser; file: (name: string, text: string) => string }> {
  const user = await scene.system.addUser();
  users.push(user);
  const file = (name: string, text: string) => {
    writeFileSync(path.join(user.configHome, name), `${text}\n`, { mode: 0o600 });
    return path.join(user.configHome, name);
  };
  return { user, file };
}

const reset = (id: string) => scene.system.admin.POST('/api/v1/users/{id}/password-reset', { params: { path: { id } } });
const setPassword = (
  email: string,
  code: string,
  newPassword: string,
  api: SluiceClient = createSluiceClient({ server: server() }),
) => api.POST('/api/v1/passwords', { body: { email, code, newPassword } });

it('changes a password with the old one alone, and ends every other login', async () => {
  const { user, file } = await person();
  const other = (await signIn(user.email, FIRST)).token ?? '';
  expect(await statusOf(other)).toBe(200);

  const wrong = await user.run(
    'passwd',
    '--password-file',
    file('old', 'not the password'),
    '--new-password-file',
    file('new', SECOND),
  );
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('the old password is wrong')]);
  const weak = await user.run('passwd', '--password-file', user.passwordFile, '--new-password-file', file('weak', user.email));
  expect([weak.status, weak.stderr]).toEqual([2, expect.stringContaining('words that belong to the account')]);
  expect(await statusOf(other)).toBe(200);

  await user.mustRun('passwd', '--password-file', user.passwordFile, '--new-password-file', file('new', SECOND));
  expect(await statusOf(other)).toBe(401);
  await user.mustRun('status'); // the login that changed it stays valid
  expect((await signIn(user.email, FIRST)).status).toBe(401);
  expect((await signIn(user.email, SECOND)).status).toBe(200);
});

it('resets a password to a one-time code, which is valid for setting a new password only', async () => {
  const { user, file } = await person();
  const login = (await signIn(user.email, FIRST)).token ?? '';
  const { code } = await unwrap(reset(user.id));
  expect(await statusOf(login)).toBe(401);
  expect((await signIn(user.email, FIRST)).status).toBe(401);
  expect(await signIn(user.email, code)).toMatchObject({ status: 403, code: 'password_must_be_changed' });
  const { rows } = await owner.query<{ code_hash: string }>('select code_hash from registry.reset_code where account_id = $1', [
    user.id,
  ]);
  expect(rows.map(({ code_hash }) => code_hash.includes(code))).toEqual([false]);

  expect((await setPassword(user.email, code, 'short')).response.status).toBe(422); // and the code is still valid
  const passwd = ['passwd', '--server', server(), '--email', user.email];
  await user.mustRun(...passwd, '--password-file', file('code', code), '--new-password-file', file('new', SECOND));
  expect((await setPassword(user.email, code, FIRST)).error?.code).toBe('code_used');
  expect(await signIn(user.email, code)).toMatchObject({ status: 401, code: 'code_used' });
  expect((await setPassword(user.email, `${code}x`, FIRST)).error?.code).toBe('wrong_credentials');
  const said = await user.run(...passwd, '--password-file', file('code', code), '--new-password-file', file('new', FIRST));
  expect([said.status, said.stderr]).toEqual([1, expect.stringContaining('this one-time code was used already')]);
  expect((await signIn(user.email, SECOND)).status).toBe(200);
});

/** Asks for something, which waits at the account for us, and changes the account before it continues. @returns what was asked for */
async function whileAccountIsHeld<T>(user: TestUser, ask: () => Promise<T>, change: string): Promise<T> {
  await owner.query('begin');
  await owner.query('select 1 from registry.account where id = $1 for update', [user.id]);
  const asked = ask();
  const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and usename = 'sluice_registry'";
  const watcher = await databaseOwner(scene.system);
  await expect.poll(async () => (await watcher.query(waiting)).rowCount, { timeout: 10_000 }).toBe(1);
  await watcher.end();
  await owner.query(change, [user.id]);
  await owner.query('commit');
  return asked;
}

it('lets nobody sign in with a password that was revoked while it was checked', async () => {
  const { user } = await person();
  const { token = '' } = await signIn(user.email, FIRST);
  const reset = 'update registry.account set password_hash = null where id = $1';
  const changed = () => as(token).POST('/api/v1/me/password', { body: { oldPassword: FIRST, newPassword: SECOND } });
  expect((await whileAccountIsHeld(user, changed, reset)).response.status).toBe(401);
  expect((await signIn(user.email, SECOND)).status).toBe(401);

  const { user: other } = await person();
  expect((await whileAccountIsHeld(other, () => signIn(other.email, FIRST), reset)).status).toBe(401);
  const { user: third } = await person();
  const suspend = "update registry.account set status = 'suspended' where id = $1";
  expect((await whileAccountIsHeld(third, () => signIn(third.email, FIRST), suspend)).status).toBe(401);
});

it('revokes a one-time code at suspension, and after a day', async () => {
  const { user } = await person();
  const { code } = await unwrap(reset(user.id));
  for (const verb of ['suspend', 'resume'] as const) {
    const { items } = await unwrap(scene.system.admin.GET('/api/v1/users', { params: { query: { email: user.email } } }));
    const body = { version: items[0]?.version ?? 0 };
    await unwrap(scene.system.admin.POST(`/api/v1/users/{id}/${verb}`, { params: { path: { id: user.id } }, body }));
  }
  expect((await setPassword(user.email, code, SECOND)).response.status).toBe(401);

  const late = (await unwrap(reset(user.id))).code;
  await owner.query("update registry.reset_code set expires_at = now() - interval '1 second' where account_id = $1", [user.id]);
  expect((await setPassword(user.email, late, SECOND)).error?.code).toBe('code_expired');
  expect(await signIn(user.email, late)).toMatchObject({ status: 401, code: 'code_expired' });
});

it('lists logins and ends them one by one, with their sessions; those of others are not there', async () => {
  const { user } = await person();
  const { user: other } = await person();
  const target = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([user], [target]);
  const socket = connect(await user.connect(target.name), '127.0.0.1');
  await new Promise((resolve) => {
    socket.once('data', resolve);
    socket.write('x');
  });
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);

  const mine = JSON.parse(await user.mustRun('logins', 'list', '--json')) as { id: string; current: boolean; address: string }[];
  expect(mine).toEqual([expect.objectContaining({ current: true, address: '127.0.0.1', lastUsedAddress: '127.0.0.1' })]);
  const id = mine[0]?.id ?? '';

  const second = await signIn(user.email, FIRST);
  await unwrap(as(second.token ?? '').DELETE('/api/v1/me/logins/{id}', { params: { path: { id: second.loginId ?? '' } } }));
  expect(await statusOf(second.token ?? '')).toBe(401);

  expect((await other.run('logins', 'end', id)).stderr).toContain(`there is no login "${id}"`);
  const ofOther = { id: other.id, loginId: id };
  const url = '/api/v1/users/{id}/logins/{loginId}';
  expect((await scene.system.admin.DELETE(url, { params: { path: ofOther } })).response.status).toBe(404);
  expect((await user.run('status')).status).toBe(0);

  await unwrap(scene.system.admin.DELETE(url, { params: { path: { id: user.id, loginId: id } } }));
  await ended;
  expect((await user.run('logins', 'list')).status).toBe(1);
  expect((await user.run('status')).stdout).toContain('your login has ended: run `sluice login`');
  const { items } = await unwrap(
    scene.system.admin.GET('/api/v1/users/{id}/logins', { params: { path: { id: user.id }, query: {} } }),
  );
  expect(items).toEqual([]);
});

it('lets whoever controls the machine sign in again, and records who it was', async () => {
  const root = path.join(import.meta.dirname, '..', '..', '..');
  const env = { ...process.env, SLUICE_HOME: scene.system.handle.home };
  const recover = (...args: string[]) =>
    promisify(execFile)(process.execPath, [path.join(root, 'tools', 'recover-admin.mjs'), ...args], { env });
  for (const args of [[], ['--email', scene.user.email]])
    await expect(recover(...args)).rejects.toThrow('name one of the administrators with --email: admin@sluice.local');
  const { stdout } = await recover('--email', 'admin@sluice.local');
  const code = /: (\S+)$/m.exec(stdout.split('\n')[0] ?? '')?.[1] ?? '';
  await unwrap(setPassword('admin@sluice.local', code, SECOND));
  const { token } = await signIn('admin@sluice.local', SECOND);
  const { items } = await unwrap(as(token ?? '').GET('/api/v1/activities', { params: { query: {} } }));
  const activity = items.find(({ verb }) => verb === 'password-reset');
  expect(activity).toMatchObject({
    actor: { id: 'machine', email: userInfo().username },
    object: { kind: 'user', name: 'admin@sluice.local' },
  });
  expect(JSON.stringify(items)).not.toContain(code);
  expect(readFileSync(path.join(scene.system.handle.home, 'logs', 'registry.log'), 'utf8')).not.toContain(code);
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Scene } from './scene.js';

let scene: Scene;

interface Status {
  knownAt: string | null;
  trouble: { since: string; why: string } | null;
  suspended: boolean;
  loginEnded: boolean;
  withdrawn: { name: string; at: string; why: string }[];
  servers: { name: string; connected: boolean }[];
}

beforeAll(async () => {
  scene = await Scene.start({ restart: false });
});
afterAll(() => scene.end());

const status = async () => JSON.parse(await scene.user.mustRun('status', '--json')) as Status;
const statusOnce = async (wanted: (of: Status) => boolean): Promise<Status> => {
  await expect.poll(async () => wanted(await status()), { timeout: 30_000, interval: 200 }).toBe(true);
  return status();
};

async function remove(server: Schemas['Server']): Promise<void> {
  const params = { path: { id: server.id }, query: { version: server.version } };
  await unwrap(scene.system.admin.DELETE('/api/v1/servers/{id}', { params }));
}

it('says what was revoked and why, and shows a running session with its bytes', async () => {
  const { system, user, resource } = scene;
  const [kept, revoked, deleted, unassigned] = [
    await system.addServer(resource.port),
    await system.addServer(resource.port),
    await system.addServer(resource.port),
    await system.addServer(resource.port),
  ];
  const role = await system.grant([user], [kept, revoked, deleted]);
  const other = await system.grant([user], [unassigned]);
  await user.mustRun('connect', '--all');
  const port = await user.connect(kept.name);
  const said = await user.mustRun('connect', kept.name);
  expect(said).toContain(`TLS name 127.0.0.1`);

  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.write('hello');
  await once(socket, 'data');
  const live = await user.mustRun('audit', 'sessions', '--live', '--server', kept.name);
  expect(live).toMatch(/ \d+\.\d\d s +≥ \d+ B +≥ \d+ B +live /);
  socket.destroy();

  await unwrap(
    system.admin.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params: { path: { id: role, serverId: revoked.id } } }),
  );
  await remove(deleted);
  await unwrap(system.admin.DELETE('/api/v1/roles/{id}/users/{userId}', { params: { path: { id: other, userId: user.id } } }));
  const { withdrawn } = await statusOnce((of) => of.withdrawn.length === 3);
  const why = Object.fromEntries(withdrawn.map((each) => [each.name, each.why]));
  expect(why[revoked.name]).toMatch(/^the role .* no longer reaches it$/);
  expect(why[deleted.name]).toBe('the server was deleted');
  expect(why[unassigned.name]).toMatch(/^the role .* was taken away from you$/);
  const text = await user.mustRun('status');
  expect(text).toContain('Access lost within a day:');
  expect(text).toContain('A client that checks TLS names');
});

it('says that the account is suspended, and that the login has ended when it is resumed', async () => {
  const { system, user } = scene;
  const { version } = await unwrap(system.admin.GET('/api/v1/users/{id}', { params: { path: { id: user.id } } }));
  const path = { id: user.id };
  await unwrap(system.admin.POST('/api/v1/users/{id}/suspend', { params: { path }, body: { version } }));
  await statusOnce((of) => of.suspended);
  expect(await user.mustRun('status')).toContain('suspended: nothing is carried until an administrator resumes your account');
  expect((await user.run('ready')).status).toBe(1);
  const connect = await user.run('connect', '--all');
  expect([connect.status, connect.stdout]).toEqual([1, '']);
  expect(connect.stderr).toContain('this account is suspended');
  await unwrap(system.admin.POST('/api/v1/users/{id}/resume', { params: { path }, body: { version: version + 1 } }));
  await statusOnce((of) => of.loginEnded && !of.suspended);
  await user.signInAnew();
});

it('shows nothing as healthy and connected while the system is unreachable', async () => {
  const { installation, user } = scene;
  await statusOnce((of) => of.trouble === null && of.servers.some((server) => server.connected));
  const gateway = installation.service('gateway');
  gateway.kill('SIGKILL');
  await gateway.ended();
  const away = await statusOnce((of) => of.trouble !== null);
  expect(away.trouble?.why).toContain('connection refused');
  expect(Date.parse(away.trouble?.since ?? '')).toBeGreaterThan(Date.parse(away.knownAt ?? ''));
  const text = await user.mustRun('status');
  expect(text).toMatch(/The system has not answered since .*; what follows is from /);
  expect(text).toMatch(/unknown \(was (un)?healthy\) +listening only/);
  expect((await user.run('ready')).stdout).toContain('Not ready: the system does not answer');
  expect((await user.run('doctor')).status).toBe(1);
  const connect = await user.run('connect', '--all');
  expect([connect.status, connect.stdout]).toEqual([1, expect.stringContaining('listening at')]);
  expect(connect.stderr).toContain('connections may fail, because the system does not answer');
  await user.run('agent', 'stop');
  const without = await user.mustRun('status');
  expect(without).toMatch(/unknown \(was (un)?healthy\) +no/);
  await gateway.start();
});

it('ends no login while the system is unreachable, reports that, and explains how to end it later', async () => {
  const { installation, user } = scene;
  const ids = async () => (JSON.parse(await user.mustRun('logins', 'list', '--json')) as { id: string }[]).map(({ id }) => id);
  const [newest = ''] = await ids();
  const gateway = installation.service('gateway');
  gateway.kill('SIGKILL');
  await gateway.ended();
  const refused = await user.run('logout');
  expect([refused.status, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toContain('You are still signed in, because only the system can end your login');
  expect(refused.stderr).toContain('sluice logout --local');
  expect((await user.run('status')).status).toBe(0);
  const local = await user.mustRun('logout', '--local');
  expect(local).toContain(`sluice logins end ${newest}`);
  expect((await user.run('status')).status).toBe(1);
  await gateway.start();
  await user.signInAnew();
  expect(await ids()).toContain(newest);
  await user.mustRun('logins', 'end', newest);
  expect(await ids()).not.toContain(newest);
});

it('says at a new sign-in that the earlier login stays valid, and how to end it', async () => {
  const { installation, user } = scene;
  const logins = async () => JSON.parse(await user.mustRun('logins', 'list', '--json')) as { id: string; current: boolean }[];
  const earlier = (await logins()).find(({ current }) => current)?.id ?? '';
  const signIn = ['login', '--server', installation.url, '--email', user.email, '--password-file', user.passwordFile];
  expect(await user.mustRun(...signIn)).toContain(`sluice logins end ${earlier}`);
  await user.mustRun('logins', 'end', earlier);
  expect((await logins()).map(({ id }) => id)).not.toContain(earlier);
  expect((await user.run('status')).status).toBe(0);
});

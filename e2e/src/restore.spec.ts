import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, startPostgres } from '@sluice/embedded';
import { Bus, listBuckets } from '@sluice/messaging';
import { ApiError, type Schemas, unwrap } from '@sluice/sdk';
import { handleOf, startSystem, stopSystem, TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { carried } from './carried.js';
import { echo, Resource } from './resource.js';

/** A restored database is recognized as one if its backup is older than this. */
const FORGOTTEN_MS = 20_000;
const PASSWORD = 'correct horse battery staple';
const root = path.join(import.meta.dirname, '..', '..');

let installation: Installation;
let system: TestSystem;
let resource: Resource;
const users: TestUser[] = [];

beforeAll(async () => {
  installation = await startSystem();
  system = await TestSystem.use(handleOf(installation));
  resource = await Resource.serve(echo);
});
afterAll(async () => {
  resource.close();
  for (const user of users) await user.leave();
  await stopSystem(installation);
});

/** Copies a folder with its owners: PostgreSQL's is another user's where we are root. */
const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);

/** Stops PostgreSQL, does something to its folder, and starts it again; the services come back by themselves. */
async function whileStopped(work: (folder: string) => void): Promise<void> {
  const folder = path.join(installation.options.home, 'postgres');
  const { password } = system.postgres;
  await installation.postgres?.stop();
  work(folder);
  installation.postgres = await startPostgres(folder, password);
  await vi.waitFor(async () => unwrap(system.admin.GET('/api/v1/settings')), 30_000);
}

it('works after a restore: what the backup does not contain is revoked, and changes reach relays as before', async () => {
  const known = await system.addUser();
  const server = await system.addServer(resource.port);
  const other = await system.addServer(resource.port); // two agents of one machine need two addresses
  const fourth = await system.addServer(resource.port);
  await system.grant([known], [server, fourth]);
  const port = await known.connect(server.name);
  (await carried(port)).destroy();
  await databaseKnows(new Date()); // what was issued in the last seconds before a backup is revoked too
  const backup = path.join(installation.options.home, 'backup');
  await whileStopped((folder) => copy(folder, backup));
  const takenAt = Date.now();

  // after the backup: an account with a grant and a live session, a server, and many changes, so that revisions run ahead
  const unknown = await system.addUser();
  users.push(known, unknown);
  const later = await system.addServer(resource.port);
  const cluster = await unwrap(system.admin.POST('/api/v1/clusters', { body: { name: 'made after the backup' } }));
  await vi.waitFor(async () => expect(await buckets()).toContain(`policy_${cluster.id}`), 5000);
  await system.grant([unknown], [other, later]);
  const live = await carried(await unknown.connect(other.name));
  const ended = new Promise((resolve) => live.once('close', resolve));
  // and an account that the backup contains signs in again: the backup does not contain that login
  const again = await TestUser.signIn({ url: system.handle.url, root }, { ...known, password: PASSWORD });
  users.push(again);
  const third = await again.connect(fourth.name);
  const newSession = await carried(third);
  const newSessionEnded = new Promise((resolve) => newSession.once('close', resolve));
  for (let i = 0; i < 20 || Date.now() - takenAt < FORGOTTEN_MS; i++) {
    await rename(server, `renamed ${i}`);
    await sleep(100); // time itself matters here: the bus and the database detect a restore by the age of a heartbeat
  }

  await whileStopped((folder) => {
    rmSync(folder, { recursive: true, force: true });
    copy(backup, folder);
  });
  await ended; // the account no longer exists
  await newSessionEnded; // nor the login
  await expect(carried(third)).rejects.toThrow('refused');
  // records made after the backup exist again: their facts are read a second time
  const records = await system.recordsWhen(
    fourth.id,
    (found) => found.some((record) => record.endReason === 'login ended'),
    30_000,
  );
  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({
    state: 'final',
    exactness: 'at most', // it was cut
    message: expect.stringContaining('a backup was restored') as string,
  });
  const shut = other.portOverride;
  await expect(carried(shut)).rejects.toThrow('refused');
  const gone = await unwrap(system.admin.GET('/api/v1/servers/{id}', { params: { path: { id: later.id } } })).catch(
    (error: unknown) => error,
  );
  expect((gone as ApiError).status).toBe(404);

  expect(await buckets()).not.toContain(`policy_${cluster.id}`);

  (await carried(port)).destroy(); // the name, the grant and the login of the backup are valid
  const role = (await unwrap(system.admin.GET('/api/v1/roles'))).items.find((one) =>
    one.servers.some(({ id }) => id === server.id),
  );
  await unwrap(
    system.admin.DELETE('/api/v1/roles/{id}/servers/{serverId}', {
      params: { path: { id: role?.id as string, serverId: server.id } },
    }),
  );
  await vi.waitFor(() => expect(carried(port)).rejects.toThrow('refused'), 5000); // a change made now is newer than all earlier ones
});

/** Waits until the database says of itself that it knows everything up to a moment. */
async function databaseKnows(moment: Date): Promise<void> {
  const client = await databaseOwner(system);
  const known = async () =>
    (await client.query<{ alive_at: Date }>('select alive_at from registry.organization')).rows[0]?.alive_at;
  try {
    await vi.waitFor(async () => expect((await known())?.getTime()).toBeGreaterThan(moment.getTime()), 20_000);
  } finally {
    await client.end();
  }
}

/** Names of the buckets, as the registry sees them. */
async function buckets(): Promise<string[]> {
  const { home } = installation.options;
  const file = path.join(home, 'secrets', 'bus-registry.json');
  const { jwt, seed, ca } = JSON.parse(readFileSync(file, 'utf8')) as { jwt: string; seed: string; ca: string };
  const bus = await Bus.connect({ servers: [installation.nats?.url ?? ''], user: 'registry', jwt, seed, ca });
  try {
    return await listBuckets(bus);
  } finally {
    await bus.close();
  }
}

async function rename({ id }: Schemas['Server'], name: string): Promise<void> {
  const { version } = await unwrap(system.admin.GET('/api/v1/servers/{id}', { params: { path: { id } } }));
  await unwrap(system.admin.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body: { version, name } }));
}

import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

let resource: Resource;
beforeAll(async () => void (resource = await Resource.serve(echo)));
afterAll(() => resource.close());

/** A user whose agent runs, and whether its process still does. */
async function connected(): Promise<{ user: TestUser; runs: () => boolean }> {
  const system = await sharedSystem();
  const user = await system.addUser();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  await user.connect(server.name);
  const [, pid] = /"pid":(\d+)/.exec(readFileSync(path.join(user.configHome, 'agent.log'), 'utf8')) ?? [];
  const runs = () => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''; // a zombie has none
  expect(runs()).toBe(true);
  return { user, runs };
}

it('leaves no agent behind of a user who has not left, as after a test that failed', async () => {
  const [one, other] = [await connected(), await connected()];
  await one.user.leave();
  expect([one.runs(), other.runs()]).toEqual([false, true]);
  await TestUser.leaveAll();
  expect([other.runs(), existsSync(other.user.configHome)]).toEqual([false, false]);
});

it('leaves no agent behind that cannot be asked to stop', async () => {
  const { user, runs } = await connected();
  rmSync(path.join(user.configHome, 'agent.sock'));
  await user.leave();
  await expect.poll(runs).toBe(false);
});

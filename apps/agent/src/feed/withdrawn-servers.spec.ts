import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import { afterAll, expect, it } from 'vitest';
import { type Explain, WithdrawnServers } from './withdrawn-servers.js';

type Feed = Schemas['AgentFeed'];

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-withdrawn-'));
afterAll(() => rmSync(folder, { recursive: true }));

const log = createLog('test', 'silent');
const HOUR = 3_600_000;
const T = Date.parse('2026-01-01T00:00:00Z');
const servers = (...ids: string[]) => ids.map((id) => ({ id, name: `name-${id}` })) as Feed['resources'];
const feed = (accountId: string, ...ids: string[]) => ({ account: { id: accountId }, resources: servers(...ids) }) as Feed;
const because =
  (message: string): Explain =>
  () =>
    Promise.resolve({ reason: 'role taken away', message, at: null });

it('shows for a day which servers an account lost and why, also after a restart, to that account alone', async () => {
  const file = path.join(folder, 'day.json');
  const first = new WithdrawnServers(file, log);
  await first.follow(servers('a', 'b'), feed('me', 'b'), because('the role dev was taken away from you'), T);
  const second = new WithdrawnServers(file, log);
  expect(second.of('me', T + HOUR)).toEqual([
    { name: 'name-a', at: '2026-01-01T00:00:00.000Z', why: 'the role dev was taken away from you' },
  ]);
  expect(second.of('somebody else', T + HOUR)).toEqual([]);
  expect(second.of('me', T + 25 * HOUR)).toEqual([]);
});

it('drops a server that is there again, and does not add one whose access was restored before the reason was requested', async () => {
  const withdrawn = new WithdrawnServers(path.join(folder, 'again.json'), log);
  await withdrawn.follow(servers('a', 'b'), feed('me'), because('gone'), T);
  expect(withdrawn.of('me', T)).toHaveLength(2);
  await withdrawn.follow([], feed('me', 'a'), because('gone'), T);
  expect(withdrawn.of('me', T).map(({ name }) => name)).toEqual(['name-b']);
  const back: Explain = () => Promise.resolve({ reason: 'reachable', message: 'it is', at: null });
  await withdrawn.follow(servers('c'), feed('me', 'a'), back, T);
  expect(withdrawn.of('me', T).map(({ name }) => name)).toEqual(['name-b']);
});

it('gives a general reason when the exact one is not known', async () => {
  const withdrawn = new WithdrawnServers(path.join(folder, 'unknown.json'), log);
  await withdrawn.follow(servers('a'), feed('me'), () => Promise.reject(new Error('away')), T);
  expect(withdrawn.of('me', T)).toMatchObject([{ why: 'no role of yours reaches it' }]);
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CountingProxy } from './counting-proxy.js';
import { sharedSystem } from './system.js';

const run = promisify(execFile);
let system: TestSystem;
let user: TestUser;
let nearResource: CountingProxy;
let nearClient: CountingProxy;
let serverId: string;

beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
  nearResource = await CountingProxy.to(system.postgres.port);
  const server = await system.addServer(nearResource.port);
  serverId = server.id;
  await system.grant([user], [server]);
  nearClient = await CountingProxy.to(await user.connect(server.name));
});
afterAll(async () => {
  nearClient.close();
  nearResource.close();
  await user.leave();
});

const psql = (args: string[], input = '') => {
  const env = {
    ...process.env,
    PGPASSWORD: system.postgres.password,
    PGHOST: '127.0.0.1',
    PGPORT: String(nearClient.port),
    PGUSER: 'sluice',
    PGDATABASE: 'postgres',
  };
  const child = run(args[0] as string, args.slice(1), { env });
  child.child.stdin?.end(input);
  return child;
};

it('makes one record of every psql and pgbench connection, and both counts are exact to the byte', async () => {
  const { stdout } = await psql(['psql', '-Atc', 'select 40 + 2']);
  expect(stdout.trim()).toBe('42');
  await psql(['psql', '-Atc', "select repeat('x', 300000)"]);
  await psql(
    ['psql', '-q'],
    'create table if not exists through_sluice (line text);\ncopy through_sluice from stdin;\n' +
      'some text\n'.repeat(20_000) +
      '\\.\ndrop table through_sluice;\n',
  );
  await psql(['pgbench', '-i', '-q', '-s', '1']);
  const bench = await psql(['pgbench', '-c', '8', '-j', '2', '-t', '40', '-C', '-n', 'postgres']);
  expect(bench.stdout).toContain('number of failed transactions: 0');
  await psql(['pgbench', '-c', '6', '-j', '2', '-t', '200', '-n', 'postgres']);

  const seen = nearResource.connections.filter((connection) => connection.up > 0); // a health check connects here too, and sends nothing
  expect(seen.length).toBeGreaterThan(300);
  const records = await system.recordsWhen(
    serverId,
    (found) => found.length >= nearClient.connections.length && found.every((record) => record.state === 'final'),
  );
  const pairs = (list: { up: number; down: number }[]) => list.map(({ up, down }) => `${up}/${down}`).sort();
  const recorded = records.map((record) => ({ up: record.bytesUp ?? -1, down: record.bytesDown ?? -1 }));
  expect(pairs(recorded)).toEqual(pairs(nearClient.connections));
  expect(pairs(recorded)).toEqual(pairs(seen));
  expect(new Set(records.map((record) => record.exactness))).toEqual(new Set(['exact']));
  expect(new Set(records.map((record) => record.outcome))).toEqual(new Set(['completed']));
  expect(records[0]).toMatchObject({
    account: { id: user.id, email: user.email },
    dialledAddress: `127.0.0.1:${nearResource.port}`,
    attempt: 1,
  });
});

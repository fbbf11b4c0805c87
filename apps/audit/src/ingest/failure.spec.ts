import { createServer } from 'node:net';
import { openDatabase } from '@sluice/persistence';
import type { TestStores } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { failureOf } from './failure.js';

let stores: TestStores;
let database: DataSource;
useAuditDatabase((opened, started) => void ([database, stores] = [opened, started]));

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

it.each([
  ["select 'x'::int", 'fault'],
  ['select pg_terminate_backend(pg_backend_pid())', 'database'],
  ['select * from no_such_table', 'database'],
])('classifies the error of %s', async (sql, trouble) => {
  expect(failureOf(await errorOf(database.query(sql)))).toMatchObject({ trouble });
});

it('classifies a closed port as PostgreSQL, a request without a response as NATS, and everything else as its own fault', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  const { port } = await new Promise<{ port: number }>((resolve) =>
    closed.once('listening', () => resolve(closed.address() as { port: number })),
  );
  await new Promise((resolve) => closed.close(resolve));
  const url = `postgres://sluice_audit@127.0.0.1:${port}/sluice`;
  const away = await errorOf(openDatabase({ url, schema: 'audit', tables: [], waitMs: 0 }));
  expect(failureOf((away as Error).cause)).toMatchObject({
    trouble: 'database',
    reason: expect.stringContaining('ECONNREFUSED') as string,
  });

  const bus = await stores.join('audit');
  expect(failureOf(await errorOf(bus.manager.streams.info('AUDIT')))).toMatchObject({ trouble: 'stream' });
  await bus.close();
  expect(failureOf(new TypeError('of the code'))).toEqual({ trouble: 'fault', reason: 'the audit service fails: of the code' });
});

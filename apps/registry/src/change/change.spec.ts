import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { type Change, previewChange } from './change.js';

let database: DataSource;
useRegistryDatabase((opened) => void (database = opened), { poolSize: 1 });

const preview = <T>(work: (change: Change) => Promise<T>) => previewChange(database, 'request', work);
const insert = ({ tx }: Change) =>
  tx.query("insert into account (id, email, api_role, password_hash) values (gen_random_uuid(), 'rehearsed', 'user', '')");

it('shows what a change would do, and leaves nothing of it', async () => {
  const count = `select count(*)::int as n from account where email = 'rehearsed'`;
  const seen = await preview(async (change) => {
    await insert(change);
    return change.tx.query<unknown>(count);
  });
  expect([seen, await database.query<unknown>(count)]).toEqual([[{ n: 1 }], [{ n: 0 }]]);
});

it('frees its connection, whatever fails', async () => {
  const { pid } = await preview(async ({ tx }) => (await tx.query<[{ pid: number }]>('select pg_backend_pid() as pid'))[0]);
  await expect(preview(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  const runner = database.createQueryRunner(); // leaves the connection in a state in which no transaction can begin
  await runner.query('begin');
  await expect(runner.query('select 1 / 0')).rejects.toThrow();
  await runner.release();
  await expect(preview(() => Promise.resolve())).rejects.toThrow('transaction is aborted');
  await database.query('rollback');
  expect(await preview(({ tx }) => tx.query<unknown>('select pg_backend_pid() as pid'))).toEqual([{ pid }]);
}, 30_000);

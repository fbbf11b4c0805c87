import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestSystem } from '@sluice/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from './system.js';

let system: TestSystem;
let owner: pg.Client;
const clients: Record<string, pg.Client> = {};
const SCHEMAS = ['registry', 'audit'] as const;

async function join(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

beforeAll(async () => {
  system = await sharedSystem();
  const database = new URL(system.databaseUrl);
  owner = await join(database.href);
  for (const schema of SCHEMAS) {
    database.username = `sluice_${schema}`;
    database.password = readFileSync(path.join(system.handle.home, 'secrets', `postgres-${schema}`), 'utf8').trim();
    clients[schema] = await join(database.href);
  }
});
afterAll(async () => {
  await owner.end();
  for (const client of Object.values(clients)) await client.end();
});

const tablesOf = async (schema: string): Promise<string[]> =>
  (
    await owner.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p')`,
      [schema],
    )
  ).rows.map(({ name }) => name);

/** The SQLSTATE of a refusal; undefined when it was done. Nothing is changed. */
async function refusal(client: pg.Client, sql: string): Promise<string | undefined> {
  await client.query('begin');
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.query('rollback');
  }
}
const DENIED = '42501';

describe.each(SCHEMAS)('the database role of %s', (role) => {
  const mine = () => clients[role] as pg.Client;

  it('reads and writes no table of another service', async () => {
    for (const schema of SCHEMAS.filter((other) => other !== role)) {
      const tables = await tablesOf(schema);
      expect(tables.length).toBeGreaterThan(2);
      for (const table of tables)
        for (const sql of ['select * from', 'delete from', 'truncate'])
          expect(await refusal(mine(), `${sql} ${schema}.${table}`), `${sql} ${schema}.${table}`).toBe(DENIED);
    }
  });

  it('makes and drops nothing, and is nobody else', async () => {
    expect(await refusal(mine(), `create table ${role}.mine (x int)`)).toBe(DENIED);
    expect(await refusal(mine(), 'create role another')).toBe(DENIED);
    expect(await refusal(mine(), `drop table ${role}.migration`)).toBe(DENIED);
    expect(await refusal(mine(), `delete from ${role}.migration`)).toBe(DENIED);
    expect(await refusal(mine(), `set role sluice`)).toMatch(/42501|22023/);
    expect(await refusal(mine(), "select pg_read_file('/etc/passwd')")).toBe(DENIED);
  });
});

it('keeps what happened: facts and activities are added, never changed or removed', async () => {
  const tables = await tablesOf('audit');
  expect(tables).toContain('fact');
  for (const sql of ['delete from audit.fact', "update audit.fact set subject = 'x'", 'truncate audit.fact'])
    expect(await refusal(clients['audit'] as pg.Client, sql), sql).toBe(DENIED);
  for (const sql of ['delete from registry.activity', "update registry.activity set verb = 'x'", 'truncate registry.activity'])
    expect(await refusal(clients['registry'] as pg.Client, sql), sql).toBe(DENIED);
});

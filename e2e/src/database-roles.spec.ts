import { randomUUID } from 'node:crypto';
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

  it('creates and drops nothing, and cannot become another role', async () => {
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

describe('a final record', () => {
  const id = randomUUID();
  const audit = () => clients['audit'] as pg.Client;
  /** Each column that a record may have, with a value that is not there. */
  const changes = async (): Promise<string[]> => {
    const { rows } = await owner.query<{ name: string; type: string }>(
      "select column_name as name, data_type as type from information_schema.columns where table_schema = 'audit' and table_name = 'session'",
    );
    const other: Record<string, string> = {
      uuid: 'gen_random_uuid()',
      text: "'something else'",
      jsonb: `'{"else": "1"}'`,
      boolean: 'true',
      'timestamp with time zone': "'2001-01-01'",
    };
    return rows.map(({ name, type }) => `${name} = ${other[type] ?? '-7'}`);
  };
  const RAISED = 'P0001';

  beforeAll(async () => {
    await owner.query(
      `insert into audit.session (id, state, relay_id, started_at, ended_at, bytes_up, bytes_down, exactness, outcome, end_reason)
       values ($1, 'final', 'a relay', now(), now(), 1, 2, 'exact', 'completed', 'client closed')`,
      [id],
    );
  });
  afterAll(() => owner.query('delete from audit.session where id = $1', [id]));

  it('cannot be changed in any column or deleted by the role of the audit service', async () => {
    const all = await changes();
    expect(all.length).toBeGreaterThan(30);
    for (const change of all)
      expect([change, await refusal(audit(), `update audit.session set ${change} where id = '${id}'`)]).toEqual([change, RAISED]);
    expect(await refusal(audit(), `delete from audit.session where id = '${id}'`)).toBe(DENIED);
    expect(
      await refusal(
        audit(),
        `insert into audit.session (id, state) values ('${id}', 'live') on conflict (id) do update set bytes_up = 0`,
      ),
    ).toBe(RAISED);
  });

  it('keeps its guard', async () => {
    for (const sql of [
      'alter table audit.session disable trigger session_final_stays',
      'alter table audit.session disable trigger all',
      'drop trigger session_final_stays on audit.session',
      'drop trigger session_moves_on on audit.session',
      'drop function audit.keep_final_record cascade',
      "create or replace function audit.keep_final_record() returns trigger language plpgsql as 'begin return new; end'",
      'alter function audit.keep_final_record() owner to sluice_audit',
      'create or replace trigger session_final_stays before update on audit.session for each row when (false) execute function audit.keep_final_record()',
      "set session_replication_role = 'replica'",
      'alter table audit.session owner to sluice_audit',
    ])
      expect([sql, await refusal(audit(), sql)]).toEqual([sql, DENIED]);
  });

  it('moves through its states in one direction only', async () => {
    for (const [from, to] of [
      ['presumed ended', 'live'],
      ['final', 'live'],
      ['final', 'presumed ended'],
    ]) {
      await audit().query('begin');
      const moving = randomUUID();
      await audit().query('insert into audit.session (id, state, presumed_at) values ($1, $2, now())', [moving, from]);
      const code = await audit()
        .query('update audit.session set state = $2 where id = $1', [moving, to])
        .then(
          () => undefined,
          (error: unknown) => (error as { code?: string }).code,
        );
      await audit().query('rollback');
      expect([from, to, code]).toEqual([from, to, RAISED]);
    }
  });
});

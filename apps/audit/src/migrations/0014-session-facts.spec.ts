import { randomUUID } from 'node:crypto';
import { type Actor, listSessions, SessionIds } from '@sluice/contracts';
import { migrate, openDatabase } from '@sluice/persistence';
import { sampleClosed, sampleFact, sampleOpened, TestStores } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storeFacts } from '../ingest/store-facts.js';
import { migrateSchema } from '../migrate.js';
import { pageOfFacts } from '../session/page-of-facts.js';
import { searchSessions } from '../session/search-sessions.js';
import { Audit0001 } from './0001-audit.js';
import { Audit0002 } from './0002-agent-counts.js';
import { Audit0003 } from './0003-position.js';
import { Audit0004 } from './0004-evidence.js';
import { Audit0005 } from './0005-presumed.js';
import { Audit0006 } from './0006-silence.js';
import { Audit0007 } from './0007-bounds.js';
import { Audit0008 } from './0008-bytes.js';
import { Audit0009 } from './0009-foreign.js';
import { Audit0010 } from './0010-beginning.js';
import { Audit0013 } from './0013-export.js';

const BEFORE = [
  ...[Audit0001, Audit0002, Audit0003, Audit0004, Audit0005],
  ...[Audit0006, Audit0007, Audit0008, Audit0009, Audit0010, Audit0013],
];
const AUDITOR = { accountId: 'eve', apiRole: 'auditor' } as Actor;

let stores: TestStores;
let owner: pg.Client;
let database: DataSource;
beforeAll(async () => {
  stores = await TestStores.start();
  owner = new pg.Client(stores.ownerUrl);
  await owner.connect();
  await owner.query('drop schema audit cascade');
  await migrate(stores.ownerUrl, 'audit', BEFORE);
}, 120_000);
afterAll(async () => {
  await owner.end();
  await database.destroy();
  await stores.stop();
});

/** Stores a final record and its facts as the release before did. */
async function storeOld(relay: string, subjectCluster: string | null): Promise<string> {
  const id = new SessionIds(relay).next();
  await owner.query(
    `insert into audit.session (id, state, request_id, attempt, account_id, resource_id, relay_id, relay_name, started_at, ended_at, end_reason, outcome, resource_name, resource_tags)
     values ($1, 'final', $2, 1, 'ann', 'old', $3, 'relay', now() - interval '1 day', now() - interval '1 day', 'client closed', 'completed', 'Old Orders', '{"env": "prod"}')`,
    [id, randomUUID(), relay],
  );
  const facts = [sampleFact('opened', relay, sampleOpened(id, relay), { incarnation: 'i', number: 1 })].concat(
    sampleFact('closed', relay, sampleClosed(id), { incarnation: 'i', number: 2 }),
  );
  for (const [index, { subject, data }] of facts.entries())
    await owner.query(
      'insert into audit.fact (author, id, subject, incarnation, number, bytes) values ($1, $2, $3, $4, $5, $6)',
      [...[relay, `i-${index + 1}`, subject.replace('.default.', `.${subjectCluster ?? 'default'}.`), 'i', index + 1, data]],
    );
  return id;
}

it('changes no stored fact and no record, and old records are found by their proxy cluster, names and tags', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  const [ofOne, ofOther] = [await storeOld(one, 'c0000000000a1'), await storeOld(other, null)];
  await owner.query(
    `insert into audit.fact (author, id, subject, digest) values ('registry', 'x', 'audit.v1.activity.server.created', '')`,
  );
  const rows = async () =>
    (await owner.query(`select 'fact' as of, xmin::text, ctid::text, id from audit.fact union all
                        select 'session', xmin::text, ctid::text, id::text from audit.session order by 1, 4`)).rows; // prettier-ignore
  const before = await rows();
  expect(await migrateSchema(stores.ownerUrl)).toContain('Audit00149000000000014');
  expect(await rows()).toEqual(before);
  expect((await owner.query(`select tgname from pg_trigger where tgenabled <> 'O'`)).rows).toEqual([]);

  database = await openDatabase({ url: stores.environmentOf('audit')['DATABASE_URL'] as string, schema: 'audit', tables: [] });
  const askNobody = () => Promise.reject(new Error('these are ids'));
  const search = async (query: object) =>
    (await searchSessions(database, askNobody, AUDITOR, listSessions.input.parse(query))).items;
  const found = async (proxyCluster: string) =>
    (await search({ proxyCluster })).map((record) => [record.id, record.proxyCluster]);
  expect(await found('c0000000000a1')).toEqual([[ofOne, 'c0000000000a1']]);
  expect(await found('default')).toEqual([[ofOther, 'default']]);
  expect(
    await owner.query('select kind, name, id from audit.session_name where kind <> $1 order by kind', ['relay']),
  ).toMatchObject({
    rows: [{ kind: 'resource', name: 'old orders', id: 'old' }, { kind: 'tag', name: 'env=prod', id: 'old' }], // prettier-ignore
  });
  expect((await search({ filter: 'orders tag:env' })).map(({ id }) => id).sort()).toEqual([ofOne, ofOther].sort());
  expect(await pageOfFacts(database, AUDITOR, { id: ofOne, limit: 10 })).toEqual({ items: [], complete: false });

  const added = new SessionIds(other).next();
  const fact = sampleFact('opened', other, sampleOpened(added, other), { incarnation: 'i', number: 3 });
  await storeFacts(database, [{ ...fact, seq: 1 }]);
  expect(await found('default')).toEqual([[added, 'default'], [ofOther, 'default']]); // prettier-ignore
  expect(await pageOfFacts(database, AUDITOR, { id: added, limit: 10 })).toMatchObject({
    items: [{ kind: 'opened', number: 3 }],
    complete: true,
  });
});

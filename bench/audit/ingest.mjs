// Facts to committed records a second, with one and two copies of the service's code, beside a plain insert of the same rows, and the
// processor time of both, which depends less on what else the machine does; and what a session takes on disk.
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import pg from 'pg';
import { FIRST_PREVIOUS, relayHeadSubject, sessionFactSubject, SessionIds } from '@sluice/contracts';
import { openDatabase } from '@sluice/persistence';

const RELAYS = 20;
const BATCH = 500;
/** After how many facts a relay signs. */
const HEAD_EVERY = 500;

/**
 * The facts of sessions, as the stream would deliver them: those of all relays mixed, the end of each some time after its beginning.
 * @param authors ids of the relays; `signHead` makes the `data` of a head of theirs, without it there are none
 */
export function makeFacts(sessions, authors = Array.from({ length: RELAYS }, () => ({ id: randomUUID() }))) {
  const relays = authors.map(({ id, signHead }, n) => {
    return { n, id, signHead, incarnation: randomUUID(), ids: new SessionIds(id), number: 0, previous: FIRST_PREVIOUS };
  });
  const accounts = Array.from({ length: 2000 }, (_, n) => ({ id: randomUUID(), email: `user-${n}@example.com` }));
  const servers = Array.from({ length: 500 }, (_, n) => ({
    id: randomUUID(),
    name: `server ${n}`,
    endpoint: `192.0.2.${n % 250}:5432`,
    tags: { env: ['prod', 'test'][n % 2], team: `team-${n % 20}` },
  }));
  const facts = [];
  const running = [];
  const add = (relay, resource, kind, data) => {
    addFact(relay, sessionFactSubject(kind, 'default', relay.id, resource.id), `session.${kind}`, data);
    if (relay.signHead && relay.number % HEAD_EVERY === HEAD_EVERY - 1)
      addFact(relay, relayHeadSubject('default', relay.id), 'relay.head', relay.signHead(relay));
  };
  const addFact = (relay, subject, type, data) => {
    const number = ++relay.number;
    const body = JSON.stringify({
      ...{ specversion: '1.0', id: `${relay.incarnation}-${number}`, source: `sluice://relays/${relay.id}` },
      ...{ type: `sluice.${type}.v1`, time: new Date().toISOString(), datacontenttype: 'application/json' },
      ...{ node: relay.id, incarnation: relay.incarnation, number, previous: relay.previous, data },
    });
    relay.previous = createHash('sha256').update(body).digest('hex');
    facts.push({ subject, data: Buffer.from(body), seq: facts.length + 1 });
  };
  const end = () => {
    const { relay, resource, sessionId } = running.splice(randomInt(running.length), 1)[0];
    add(relay, resource, 'closed', {
      ...{
        sessionId,
        endReason: 'client closed',
        message: null,
        endedAt: new Date().toISOString(),
        durationMs: randomInt(100_000),
      },
      ...{ bytesUp: randomInt(100_000), bytesDown: randomInt(10_000_000), exactness: 'exact', endedBy: null, revocationMs: null },
      agent: { bytesUp: 1, bytesDown: 2, differs: false },
    });
  };
  for (let i = 0; i < sessions; i++) {
    const relay = relays[i % RELAYS];
    const resource = servers[randomInt(servers.length)];
    const sessionId = relay.ids.next();
    add(relay, resource, 'opened', {
      ...{
        sessionId,
        requestId: randomUUID(),
        attempt: 1,
        account: accounts[randomInt(accounts.length)],
        loginId: randomUUID(),
        resource,
      },
      ...{
        cluster: 'default',
        relay: { id: relay.id, name: `relay-${relay.n}` },
        gateway: randomUUID(),
        clientAddress: `10.0.${i % 200}.7:50000`,
      },
      ...{ sharedListener: false, rule: 'role readers', startedAt: new Date().toISOString(), dialledAddress: '192.0.2.1' },
    });
    running.push({ relay, resource, sessionId });
    if (running.length > 1000) end();
  }
  while (running.length > 0) end();
  return facts;
}

/** Facts as the service takes them from the stream. */
export const batchesOf = (all) =>
  Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) => all.slice(at * BATCH, (at + 1) * BATCH));

/** In a thread of its own: a copy of the service, or a plain client, which takes the batches that are given to it. */
async function copy({ url, batches, storeFactsAt, rows }) {
  let store;
  let close;
  if (rows) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("set search_path = audit; set session_replication_role = 'replica'");
    store = async (of) => {
      const columns = ['author', 'id', 'subject', 'incarnation', 'number', 'bytes', 'session_id'].map((name) =>
        of.fact.map((row) => row[name]),
      );
      columns[5] = columns[5].map((bytes) => Buffer.from(bytes)); // a thread receives bytes as a plain array
      await client.query('begin');
      await client.query(
        `insert into fact (author, id, subject, incarnation, number, bytes, session_id)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::uuid[])`,
        columns,
      );
      await client.query('insert into session select * from json_populate_recordset(null::session, $1::json)', [
        JSON.stringify(of.session),
      ]);
      await client.query('commit');
      return undefined;
    };
    close = () => client.end();
  } else {
    const { storeFacts } = await import(storeFactsAt);
    const database = await openDatabase({ url, schema: 'audit', tables: [] });
    store = (batch) =>
      storeFacts(
        database,
        batch.map(({ subject, data, seq }) => ({ subject, data: Buffer.from(data), seq })),
      );
    close = () => database.destroy();
  }
  parentPort.postMessage('ready');
  await new Promise((resolve) => parentPort.once('message', resolve));
  for (const batch of batches) {
    const rejected = (await store(batch))?.quarantined[0];
    if (rejected) throw new Error(`a fact was quarantined: ${rejected.reason}`);
  }
  await close();
  parentPort.postMessage('done');
}

const TICK_MS = 10;

/** Processor time of PostgreSQL until now, in milliseconds: of the server, of the backends that ended and of those that run. */
function ofPostgres(postmaster) {
  const stat = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').map(Number);
    } catch {
      return []; // it has ended
    }
  };
  const sum = (fields, from, to) => fields.slice(from, to).reduce((total, ticks) => total + ticks, 0) * TICK_MS;
  const running = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(stat)
    .filter(([, parent]) => parent === postmaster);
  return running.reduce((total, fields) => total + sum(fields, 11, 13), sum(stat(postmaster), 11, 15));
}

/** Runs copies at the same time. @returns seconds, and milliseconds of processor time of Node and of PostgreSQL */
async function timed(copies, batches, { postmaster, ...given }) {
  const workers = Array.from({ length: copies }, (_, at) => {
    const mine = batches.filter((_batch, n) => n % copies === at);
    return new Worker(new URL(import.meta.url), { workerData: { ...given, batches: mine } });
  });
  const message = (worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await Promise.all(workers.map(message));
  const began = performance.now();
  const before = process.cpuUsage();
  const linux = existsSync('/proc/self/stat');
  const beforeInPostgres = linux ? ofPostgres(postmaster) : NaN;
  const done = workers.map(message);
  for (const worker of workers) worker.postMessage('go');
  await Promise.all(done);
  const { user, system } = process.cpuUsage(before);
  const postgres = linux ? ofPostgres(postmaster) - beforeInPostgres : NaN;
  return { seconds: (performance.now() - began) / 1000, node: (user + system) / 1000, postgres };
}

/** @param urls of the database: the audit role's and the owner's @param postmaster its process @returns rows of a table, and bytes a session */
export async function ingest({ urls, postmaster, storeFactsAt, sessions }) {
  const owner = new pg.Client({ connectionString: urls.owner });
  await owner.connect();
  await owner.query('set search_path = audit');
  const empty = () =>
    owner.query(
      'truncate fact, session, chain, head_to_check, integrity, quarantine, traffic, relay_cluster, session_name, session_unnamed, gap; checkpoint',
    );
  const counted = async () => (await owner.query("select count(*)::int as n from session where state = 'final'")).rows[0].n;
  const rows = [];
  let bytes;
  try {
    for (const copies of [1, 2]) {
      const facts = makeFacts(sessions);
      await empty();
      const service = await timed(copies, batchesOf(facts), { url: urls.audit, postmaster, storeFactsAt });
      if ((await counted()) !== sessions) throw new Error(`${await counted()} records of ${sessions} sessions`);
      bytes ??= await sizes(owner, sessions);
      const fact = (
        await owner.query('select author, id, subject, incarnation, number, bytes, session_id from fact order by received_at')
      ).rows;
      const session = (await owner.query('select to_json(s) as row from session s order by id')).rows.map(({ row }) => row);
      await empty();
      const both = batchesOf(fact).map((batch, n) => ({
        fact: batch,
        session: session.slice((n * BATCH) / 2, ((n + 1) * BATCH) / 2),
      }));
      const plain = await timed(copies, both, { url: urls.owner, postmaster, rows: true });
      rows.push({
        copies,
        'facts a second': facts.length / service.seconds,
        'sessions a second': sessions / service.seconds,
        'plain insert, sessions a second': sessions / plain.seconds,
        ratio: (plain.seconds / service.seconds).toFixed(2),
        'CPU ms a session: service': (service.node / sessions).toFixed(2),
        'its PostgreSQL': (service.postgres / sessions).toFixed(2),
        'plain insert': ((plain.node + plain.postgres) / sessions).toFixed(2),
        'ratio of CPU': ((plain.node + plain.postgres) / (service.node + service.postgres)).toFixed(2),
      });
    }
    return { rows, bytes };
  } finally {
    await owner.end();
  }
}

async function sizes(owner, sessions) {
  const { rows } = await owner.query(
    `select relname as table, pg_table_size(oid) / $1::float8 as data, pg_indexes_size(oid) / $1::float8 as indexes
       from pg_class where relnamespace = 'audit'::regnamespace and relkind = 'r' and relname in ('fact', 'session') order by 1`,
    [sessions],
  );
  return rows;
}

if (!isMainThread && workerData?.batches) await copy(workerData);

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { headers } from '@nats-io/transport-node';
import { relayStartedSubject } from '@sluice/contracts';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { handMadeFacts } from '../hand-made-facts.js';
import { type BusUser, joinAsNewRelay, joinBus } from '../join-bus.js';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';

let system: TestSystem;
let person: TestUser;
let resource: Resource;
let owner: pg.Client;
let relay: BusUser;
let health: BusUser;
let ending: ReturnType<typeof handMadeFacts>['ending'];
let refusal: ReturnType<typeof handMadeFacts>['refusal'];
let envelope: ReturnType<typeof handMadeFacts>['envelope'];
let subjectOf: ReturnType<typeof handMadeFacts>['subjectOf'];
const received: { subject: string; data: { kind: string; author: string; detail: Record<string, unknown> } }[] = [];
const users: BusUser[] = [];
const WITHIN = { timeout: 15_000 };

beforeAll(async () => {
  system = await sharedSystem();
  person = await system.addUser();
  resource = await Resource.serve(echo);
  owner = await databaseOwner(system);
  const join = async (who: Parameters<typeof joinBus>[1]) => {
    const user = await joinBus(system.handle.home, who);
    users.push(user);
    return user;
  };
  relay = await join('relay');
  ({ ending, refusal, envelope, subjectOf } = handMadeFacts(relay.name));
  health = await join('health');
  const siem = await join('siem');
  siem.connection.subscribe('audit.v1.integrity.>', {
    callback: (_, message) => void received.push({ subject: message.subject, data: message.json<{ data: never }>().data }),
  });
  await siem.connection.flush();
});
afterAll(async () => {
  resource.close();
  await person.leave();
  await owner.end();
  for (const { connection } of users) await connection.close();
});

/** A server that the person reaches, with the local port. */
async function reachable(): Promise<{ server: Schemas['Server']; port: number }> {
  const server = await system.addServer(resource.port);
  await system.grant([person], [server]);
  return { server, port: await person.connect(server.name) };
}

async function carry(port: number, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.write('hello');
    await once(socket, 'data');
    socket.end();
    await once(socket, 'close');
  }
}

const through = async (incarnation: string, author: string): Promise<number> => {
  const { rows } = await owner.query<{ through: string }>(
    'select through from audit.chain where incarnation = $1 and author = $2',
    [incarnation, author],
  );
  return Number(rows[0]?.through ?? 0);
};
const quarantined = async (incarnation: string): Promise<{ kind: string; reason: string; id: string }[]> =>
  (
    await owner.query<{ kind: string; reason: string; id: string }>(
      `select q.id, kind, reason from audit.quarantine q left join audit.fact f on f.author = q.author and f.id = q.fact_id
        where position($1 in encode(coalesce(q.bytes, f.bytes), 'escape')) > 0 order by q.id`,
      [incarnation],
    )
  ).rows;

it('holds up no fact for another: what cannot become a record is quarantined once, with its number counted', async () => {
  const { server, port } = await reachable();
  const incarnation = randomUUID();
  const withNul = refusal('a\u0000b\u001b[31mc');
  const bad: [string, string][] = [];
  for (let number = 1; number <= 20; number += 5) {
    bad.push(
      [subjectOf('closed'), envelope(incarnation, number, { ...ending(randomUUID()), endReason: 'no grant' })],
      [subjectOf('refused'), envelope(incarnation, number + 1, number === 1 ? withNul : refusal('\u0000'))],
      [subjectOf('teleported'), envelope(incarnation, number + 2, { of: 'a newer release' })],
      [subjectOf('failed'), envelope(incarnation, number + 3, { ...refusal('big'), attempt: 2 ** 40 })],
      [subjectOf('opened'), envelope(incarnation, number + 4, { sessionId: 'none' }, { source: 7 })],
    );
  }
  for (const [subject, text] of bad) relay.connection.publish(subject, text);
  const long = 'x'.repeat(5000);
  const far = { ...refusal('far'), startedAt: '+275000-01-01T00:00:00Z' };
  for (const data of [far, { ...refusal('long'), account: { id: long, email: long } }])
    relay.connection.publish(subjectOf('refused'), envelope(randomUUID(), 1, data));
  const node = `audit.v1.session.refused.default.${relay.name}.`;
  relay.connection.publish(`${node}${'x'.repeat(499 - node.length)}\u{1f600}`, envelope(randomUUID(), 1, refusal('tail')));
  relay.connection.publish(subjectOf('closed'), `{"not": "JSON ${incarnation}`);
  await relay.connection.flush();

  await carry(port, 30);
  const records = await system.recordsWhen(server.id, (all) => all.length === 30 && all.every((r) => r.state === 'final'));
  expect(records.every((record) => record.outcome === 'completed' && record.exactness === 'exact')).toBe(true);
  await expect.poll(() => through(incarnation, relay.name), WITHIN).toBe(20);
  await expect.poll(async () => (await quarantined(incarnation)).length, WITHIN).toBe(17); // all but the four whose text could be cleaned
  const kept = await quarantined(incarnation);
  const cleaned = await unwrap(system.admin.GET('/api/v1/sessions/{id}', { params: { path: { id: withNul.sessionId } } }));
  expect(cleaned.message).toBe('ab[31mc');

  for (const [subject, text] of bad) relay.connection.publish(subject, text); // delivered again
  await relay.connection.flush();
  await carry(port, 1);
  await system.recordsWhen(server.id, (all) => all.length === 31 && all.every((r) => r.state === 'final'));
  expect(await quarantined(incarnation)).toEqual(kept);

  await expect
    .poll(() => received.some(({ data }) => data.kind === 'quarantined' && data.author === relay.name), WITHIN)
    .toBe(true);
  const listed = JSON.parse(await admin('audit', 'quarantine', 'list', '--json')) as { id: number; reason: string }[];
  expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(kept.map(({ id }) => Number(id))));
  const impossible = kept.find(({ reason }) => reason.includes('no grant'));
  const retried = JSON.parse(await admin('audit', 'quarantine', 'retry', impossible?.id ?? '', '--json')) as {
    resolved: boolean;
  }[];
  expect(retried).toMatchObject([{ resolved: false, reason: expect.stringContaining('no grant') as string }]);
});

let administrator: TestUser | undefined;
afterAll(() => administrator?.leave());
async function admin(...args: string[]): Promise<string> {
  administrator ??= await system.addUser('administrator');
  return administrator.mustRun(...args);
}

it('lets no author take the numbers, ids or message ids of another', async () => {
  const { server, port } = await reachable();
  await carry(port, 1);
  await system.recordsWhen(server.id, (all) => all.length === 1);
  const folder = path.join(system.handle.home, 'relays', 'relay', 'journal');
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .sort()
    .at(-1) as string;
  const head = readFileSync(path.join(folder, newest), 'utf8').split('\n')[0] as string;
  const { incarnation } = JSON.parse(head.slice(9)) as { incarnation: string };
  const next = (await through(incarnation, relay.name)) + 1;
  for (let number = next; number < next + 60; number++) {
    const head = headers();
    head.set('Nats-Msg-Id', `${incarnation}-${number}`);
    health.connection.publish(`audit.v1.health.resource.${randomUUID()}`, envelope(incarnation, number, {}), { headers: head });
  }
  await health.connection.flush();
  await carry(port, 20);
  const records = await system.recordsWhen(server.id, (all) => all.length === 21 && all.every((r) => r.state === 'final'));
  expect(new Set(records.map(({ id }) => id)).size).toBe(21);
  await expect.poll(() => through(incarnation, relay.name), WITHIN).toBeGreaterThanOrEqual(next + 39);
});

it('keeps and reports another fact under a number that is taken, and never changes a final record', async () => {
  const { server, port } = await reachable();
  await carry(port, 1);
  const [record] = await system.recordsWhen(server.id, (all) => all[0]?.state === 'final');
  const incarnation = randomUUID();
  const sessionId = record?.id as string;
  relay.connection.publish(subjectOf('closed'), envelope(incarnation, 1, { ...ending(sessionId), bytesUp: 999 }));
  relay.connection.publish(subjectOf('refused'), envelope(incarnation, 2, refusal('one')));
  relay.connection.publish(subjectOf('refused'), envelope(incarnation, 2, refusal('two')));
  await relay.connection.flush();
  await expect
    .poll(async () => (await quarantined(incarnation)).map(({ kind }) => kind).sort())
    .toEqual(['conflict', 'quarantined']);
  await expect.poll(() => received.some(({ data }) => data.kind === 'conflict' && data.author === relay.name), WITHIN).toBe(true);
  expect(await system.records(server.id)).toEqual([record]);

  const database = new URL(system.databaseUrl);
  database.username = 'sluice_audit';
  database.password = readFileSync(path.join(system.handle.home, 'secrets', 'postgres-audit'), 'utf8').trim();
  const service = new pg.Client({ connectionString: database.href });
  await service.connect();
  await expect(service.query('update audit.session set bytes_up = 0 where id = $1', [sessionId])).rejects.toThrow('is final');
  await service.end();
});

it('continues after numbers that never arrived, and reports the gap', async () => {
  const relay = await joinAsNewRelay(system.handle.home); // about which nothing else is reported within the minute
  users.push(relay);
  const { envelope, refusal, subjectOf } = handMadeFacts(relay.name);
  const incarnation = randomUUID();
  const subject = relayStartedSubject('default', relay.name);
  for (const number of [1, 5]) relay.connection.publish(subject, envelope(incarnation, number, {}));
  await relay.connection.flush();
  await expect.poll(() => through(incarnation, relay.name), WITHIN).toBe(1);
  // the clock of the database is what the wait goes by: ten minutes pass
  const aged = async () =>
    (
      await owner.query("update audit.fact set received_at = now() - interval '1 hour' where incarnation = $1 and number = 5", [
        incarnation,
      ])
    ).rowCount;
  await expect.poll(aged, WITHIN).toBe(1);
  await expect.poll(() => through(incarnation, relay.name), WITHIN).toBe(5);
  await expect
    .poll(() => received.find(({ data }) => data.kind === 'gap' && data.detail['incarnation'] === incarnation)?.data, {
      timeout: 10_000,
    })
    .toMatchObject({ author: relay.name, detail: { from: 2, to: 4 } });

  const late = refusal('late');
  relay.connection.publish(subjectOf('refused'), envelope(incarnation, 3, late)); // the missing fact arrives after all
  const lateIn = () => received.filter(({ data }) => data.kind === 'late' && data.detail['incarnation'] === incarnation);
  await expect
    .poll(() => lateIn().map(({ data }) => data), WITHIN)
    .toMatchObject([{ author: relay.name, detail: { number: 3, facts: 1, gap: { from: 2, to: 4, missing: 2 } } }]);
  const { rows } = await owner.query('select outcome from audit.session where id = $1', [late.sessionId]);
  expect(rows).toEqual([{ outcome: 'refused' }]);
  for (const number of [4, 2, 3]) relay.connection.publish(subject, envelope(incarnation, number, number === 3 ? late : {}));
  const last = { gap: { from: 2, to: 4, missing: 0 } };
  const others = async () =>
    (
      await owner.query<{ last: unknown }>(
        "select coalesce(last, detail) as last from audit.integrity where kind = 'late' and author = $1 and published_at is null",
        [relay.name],
      )
    ).rows;
  await expect.poll(others, WITHIN).toMatchObject([{ last }]);
  await owner.query('update audit.integrity set due_at = now() where author = $1', [relay.name]); // the minute passes
  const lastLate = () => lateIn().map(({ data }) => (data.detail['more'] as { last: unknown } | undefined)?.last ?? data.detail);
  await expect.poll(() => lastLate().at(-1), WITHIN).toMatchObject(last);
  const gap = await owner.query('select missing, filled_at is not null as filled from audit.gap where incarnation = $1', [
    incarnation,
  ]);
  expect(gap.rows).toEqual([{ missing: '0', filled: true }]);
});

it('has the facts of every service in chains, and believes none that names another author', async () => {
  const server = await system.addServer(resource.port);
  const check = () => unwrap(system.admin.POST('/api/v1/servers/{id}/check', { params: { path: { id: server.id } } }));
  await expect.poll(async () => (await check()).state, WITHIN).toBe('healthy'); // its health changes
  const incarnation = randomUUID();
  const body = (more: object) => envelope(incarnation, undefined, { by: 'nobody' }, more);
  for (const more of [{}, { node: undefined, source: 'sluice://audit' }])
    health.connection.publish(`audit.v1.health.resource.${server.id}`, body(more));
  await health.connection.flush();
  await expect
    .poll(async () => (await quarantined(incarnation)).map(({ reason }) => reason), WITHIN)
    .toEqual([`the fact says ${relay.name}, its subject says health`, 'the fact says sluice://audit, its subject says health']);

  const chained = (subject: string) =>
    owner
      .query<{ author: string }>(
        `select distinct f.author from audit.fact f join audit.chain c using (author, incarnation)
          where f.subject like $1 and f.number > 1 and f.number <= c.through`,
        [subject],
      )
      .then(({ rows }) => rows.map(({ author }) => author));
  await expect.poll(() => chained(`audit.v1.health.resource.${server.id}`), WITHIN).toEqual(['health']);
  await expect.poll(() => chained('audit.v1.integrity.%'), WITHIN).toEqual(['audit']);
  await expect.poll(() => chained('audit.v1.activity.%'), WITHIN).toEqual(['registry']);
  const { rows } = await owner.query<{ author: string; facts: string; broken: string }>(
    `select f.author, count(*) as facts, count(*) filter (where convert_from(f.bytes, 'UTF8')::json ->> 'previous' <> encode(sha256(p.bytes), 'hex')) as broken
       from audit.fact s
       join audit.fact f on f.author = s.author and f.incarnation = s.incarnation and f.number > 1
       left join audit.fact p on p.author = f.author and p.incarnation = f.incarnation and p.number = f.number - 1
      where s.subject = 'audit.v1.service.started.' || s.author and s.number = 1 group by f.author order by f.author`,
  );
  expect(rows).toMatchObject(['audit', 'health', 'registry'].map((author) => ({ author, broken: '0' })));
});

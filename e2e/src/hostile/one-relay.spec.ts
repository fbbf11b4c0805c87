import { randomUUID } from 'node:crypto';
import { attemptSubject, PRESENCE_INTERVAL_MS, relayPresence, relayStartedSubject, SessionIds } from '@sluice/contracts';
import { unwrap } from '@sluice/sdk';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { handMadeFacts } from '../hand-made-facts.js';
import { type BusUser, joinAsNewRelay, joinBus } from '../join-bus.js';
import { Scene } from '../scene.js';

const PRESUME_SECONDS = 10;
const WITHIN = { timeout: 40_000 };

let scene: Scene;
let owner: pg.Client;
const users: BusUser[] = [];
beforeAll(async () => {
  const audit = { SLUICE_AUDIT_PRESUME_SECONDS: String(PRESUME_SECONDS), SLUICE_AUDIT_GAP_SECONDS: '2' };
  scene = await Scene.start({ env: { audit } });
  owner = await databaseOwner(scene.system);
});
afterAll(async () => {
  for (const { connection } of users) await connection.close();
  await owner.end();
  await scene.end();
});

/** A relay that says what a test wants it to say. */
async function hostile() {
  const relay = await joinAsNewRelay(scene.installation.options.home);
  users.push(relay);
  return { relay, facts: handMadeFacts(relay.name) };
}
type Hostile = Awaited<ReturnType<typeof hostile>>;

const stateOf = async (sessionId: string) =>
  (await owner.query<{ state: string }>('select state from audit.session where id = $1', [sessionId])).rows[0]?.state;
const opened = ({ facts }: Hostile, sessionId: string, incarnation: string, number = 1) =>
  [facts.subjectOf('opened'), facts.envelope(incarnation, number, { ...facts.begin(sessionId), dialledAddress: 'x' })] as const;

const checkpointOf = ({ facts }: Hostile, sessionId: string, incarnation: string) =>
  [
    facts.subjectOf('checkpoint'),
    facts.envelope(incarnation, undefined, {
      sessionId,
      at: new Date().toISOString(),
      bytesUp: 7,
      bytesDown: 1,
      durationMs: 500,
    }),
  ] as const;

/** Says that a relay is there, as one does. @returns a function that ends it */
function stays({ relay }: Hostile): () => void {
  const presence = JSON.stringify({ name: 'relay', sessions: 1, draining: false, address: null });
  const say = () => relay.connection.publish(relayPresence('default', relay.name), presence);
  say();
  const timer = setInterval(say, PRESENCE_INTERVAL_MS);
  return () => clearInterval(timer);
}

it('presumes the end of lost sessions, some of each relay at a time, while another publishes without pause', async () => {
  const [liar, lost] = [await hostile(), await hostile()];
  const [session, incarnation, many] = [randomUUID(), randomUUID(), randomUUID()];
  lost.relay.connection.publish(...opened(lost, session, randomUUID()));
  await lost.relay.connection.flush();
  await expect.poll(() => stateOf(session), WITHIN).toBe('live');
  await owner.query(
    `insert into audit.session (id, state, relay_id, incarnation, started_at)
       select gen_random_uuid(), 'live', $1, $1, now() from generate_series(1, 30000)`,
    [many],
  );
  const fact = relayStartedSubject('default', liar.relay.name);
  let [number, stored] = [0, 0];
  /** Keeps some thousand facts in the stream, more than the service takes at once. */
  const flood = async () => {
    const { rows } = await owner.query<{ through: string }>('select through from audit.chain where author = $1', [
      liar.relay.name,
    ]);
    stored = Number(rows[0]?.through ?? 0);
    while (number - stored < 4000)
      liar.relay.connection.publish(fact, liar.facts.envelope(incarnation, ++number, {}, { time: '2001-01-01T00:00:00Z' }));
    await liar.relay.connection.flush();
  };
  const live = async () =>
    (
      await owner.query<{ live: string }>("select count(*) as live from audit.session where relay_id = $1 and state = 'live'", [
        many,
      ])
    ).rows[0]?.live;
  const until = Date.now() + WITHIN.timeout;
  const seen = new Set<string | undefined>();
  while ((await stateOf(session)) === 'live' && Date.now() < until) {
    await flood();
    seen.add(await live());
  }
  expect(await stateOf(session)).toBe('presumed ended');
  const look = async () => {
    const left = await live();
    seen.add(left);
    return left;
  };
  await expect.poll(look, { timeout: 60_000, interval: 100 }).toBe('0');
  expect(seen.size).toBeGreaterThan(2); // not all at once
});

it('trusts no clock of a relay, and leaves no session open whose beginning never arrived', async () => {
  const relay = await hostile();
  const [lost, running, unopened, late] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const [before, now] = [randomUUID(), randomUUID()];
  const leaves = stays(relay);
  const started = (incarnation: string, time: string) =>
    relay.relay.connection.publish(
      relayStartedSubject('default', relay.relay.name),
      relay.facts.envelope(incarnation, 1, {}, { time }),
    );
  started(before, new Date().toISOString());
  relay.relay.connection.publish(...opened(relay, lost, before, 2));
  started(now, '2001-01-01T00:00:00Z'); // its clock was put back
  relay.relay.connection.publish(...opened(relay, running, now, 2));
  for (const id of [unopened, late]) relay.relay.connection.publish(...checkpointOf(relay, id, now));
  await relay.relay.connection.flush();
  try {
    await expect.poll(() => stateOf(late), WITHIN).toBe('live');
    await owner.query('update audit.session set seen_age = seen_age - 86401 where id = any($1)', [[unopened, late]]); // a day passes
    const states = () => Promise.all([lost, unopened, late].map(stateOf));
    await expect.poll(states, WITHIN).toEqual(Array(3).fill('presumed ended'));
    expect(await stateOf(running)).toBe('live');
  } finally {
    leaves();
  }
  const reported = async () =>
    (
      await owner.query<{ sessions: string }>(
        "select detail ->> 'sessions' as sessions from audit.integrity where kind = 'unopened' and author = $1",
        [relay.relay.name],
      )
    ).rows;
  await expect.poll(reported, WITHIN).toEqual([{ sessions: '2' }]);
  relay.relay.connection.publish(...opened(relay, late, now, 3));
  const record = async () =>
    (
      await owner.query<object>(
        'select state, bytes_up, extract(epoch from ended_at - started_at)::float as seconds from audit.session where id = $1 and started_at is not null',
        [late],
      )
    ).rows;
  await expect.poll(record, WITHIN).toEqual([{ state: 'presumed ended', bytes_up: '7', seconds: 0.5 }]);
});

it('presumes the end of a session, whatever duration another relay has claimed', async () => {
  const [liar, lost] = [await hostile(), await hostile()];
  const [lie, session, incarnation] = [randomUUID(), randomUUID(), randomUUID()];
  liar.relay.connection.publish(...opened(liar, lie, incarnation));
  const checkpoint = { sessionId: lie, at: new Date().toISOString(), bytesUp: 1, bytesDown: 1, durationMs: 1e300 };
  liar.relay.connection.publish(liar.facts.subjectOf('checkpoint'), liar.facts.envelope(incarnation, undefined, checkpoint));
  lost.relay.connection.publish(...opened(lost, session, randomUUID()));
  await Promise.all([liar, lost].map(({ relay }) => relay.connection.flush()));
  await expect.poll(() => stateOf(session), WITHIN).toBe('presumed ended');
  await expect.poll(() => stateOf(lie), WITHIN).toBe('presumed ended');
});

it('lets no relay make a lost one appear present through responses of the server', async () => {
  const [lost, liar] = [await hostile(), await hostile()];
  const session = randomUUID();
  lost.relay.connection.publish(...opened(lost, session, randomUUID()));
  await lost.relay.connection.flush();
  const reply = relayPresence('default', lost.relay.name);
  const question = setInterval(
    () => liar.relay.connection.publish(relayStartedSubject('default', liar.relay.name), 'this is no fact', { reply }),
    500,
  );
  try {
    await expect.poll(() => stateOf(session), WITHIN).toBe('presumed ended');
  } finally {
    clearInterval(question);
  }
});

it('closes a few gaps of one relay at a time, so that those of another do not wait for thousands', async () => {
  const [liar, honest] = [await hostile(), await hostile()];
  const gapOf = ({ facts }: typeof liar) => facts.envelope(randomUUID(), 2, {});
  for (let i = 0; i < 100; i++) liar.relay.connection.publish(relayStartedSubject('default', liar.relay.name), gapOf(liar));
  honest.relay.connection.publish(relayStartedSubject('default', honest.relay.name), gapOf(honest));
  await Promise.all([liar, honest].map(({ relay }) => relay.connection.flush()));
  const gaps = async ({ relay }: typeof liar) =>
    Number((await owner.query<{ n: string }>('select count(*) as n from audit.gap where author = $1', [relay.name])).rows[0]?.n);
  await expect.poll(() => gaps(honest), WITHIN).toBe(1);
  expect(await gaps(liar)).toBeLessThanOrEqual(20);
});

it('bounds how much one relay can cause to be reported and how many journals it begins, and loses none of its facts', async () => {
  const liar = await hostile();
  const journals = Array.from({ length: 130 }, () => randomUUID());
  const subject = relayStartedSubject('default', liar.relay.name);
  for (const incarnation of journals) liar.relay.connection.publish(subject, liar.facts.envelope(incarnation, 2, {}));
  await liar.relay.connection.flush();
  const count = async (what: string) =>
    Number((await owner.query<{ n: string }>(`select count(*) as n from audit.${what}`, [liar.relay.name])).rows[0]?.n);
  await expect.poll(() => count('fact where author = $1'), WITHIN).toBe(130);
  expect(await count('chain where author = $1')).toBe(100);
  expect(await count("quarantine where author = $1 and reason like '%more than 100 journals%'")).toBe(30);
  await expect.poll(() => count('gap where author = $1'), WITHIN).toBeGreaterThan(10);
  expect(await count("integrity where author = $1 and kind = 'gap'")).toBeLessThanOrEqual(4); // within two minutes
  expect(await count("integrity where author = $1 and kind = 'quarantined'")).toBeLessThanOrEqual(4);

  await owner.query("update audit.chain set begun_at = begun_at - interval '1 hour' where author = $1", [liar.relay.name]);
  const last = journals.at(-1) as string; // an hour later it continues
  liar.relay.connection.publish(subject, liar.facts.envelope(last, 1, {}));
  const through = async () =>
    (await owner.query<{ through: string }>('select through from audit.chain where incarnation = $1', [last])).rows[0]?.through;
  await expect.poll(through, WITHIN).toBe('2');
});

it('keeps the bytes of facts without a record once, and no more of one relay than its budget, with every number counted', async () => {
  const liar = await hostile();
  const [incarnation, ballast, facts] = [randomUUID(), 'x'.repeat(120_000), 600];
  for (let number = 1; number <= facts; number++) {
    const fact = liar.facts.envelope(incarnation, number, { ballast: number === 1 ? 'small' : ballast });
    liar.relay.connection.publish(liar.facts.subjectOf('teleported'), fact);
    await liar.relay.connection.flush();
  }
  const one = async (sql: string) => (await owner.query<{ n: string }>(sql, [liar.relay.name])).rows[0]?.n;
  await expect.poll(() => one('select max(through) as n from audit.chain where author = $1'), WITHIN).toBe(String(facts));
  expect(await one('select count(*) as n from audit.quarantine where author = $1 and bytes is null')).toBe(String(facts));
  const kept = Number(await one('select sum(length(bytes)) as n from audit.fact where author = $1'));
  expect(kept).toBeGreaterThan(63 * 1024 * 1024);
  expect(kept).toBeLessThanOrEqual(64 * 1024 * 1024);
  const without = await one(
    "select count(*) as n from audit.quarantine where author = $1 and reason like '%bytes are not kept%'",
  );
  expect(without).toBe(
    await one('select count(*) as n from audit.fact where author = $1 and bytes is null and digest is not null'),
  );

  const page = await unwrap(scene.system.admin.GET('/api/v1/quarantine', { params: { query: { limit: 200 } } }));
  const mine = page.items.filter(({ author }) => author === liar.relay.name);
  const retried = async (id = 0) =>
    (await unwrap(scene.system.admin.POST('/api/v1/quarantine/{id}/retry', { params: { path: { id } } }))).reason;
  expect(await retried(mine.at(-1)?.id)).toContain('a newer release may know it'); // it is read where it is stored
  expect(await retried(mine[0]?.id)).toContain('bytes are not kept');
});

it('loses no attempt without a relay when a relay has used its id', async () => {
  const liar = await hostile();
  const registry = await joinBus(scene.installation.options.home, 'registry');
  users.push(registry);
  const [id, resource, incarnation] = [randomUUID(), randomUUID(), randomUUID()];
  liar.relay.connection.publish(...checkpointOf(liar, id, incarnation));
  await liar.relay.connection.flush();
  await expect.poll(() => stateOf(id), WITHIN).toBe('live');
  const at = new Date().toISOString();
  const agent = { requestId: randomUUID(), attempt: 1, reason: 'no relay', message: 'm', startedAt: at };
  const account = { id: randomUUID(), email: 'a@b.example' };
  const data = { id, account, resource: { id: resource, name: 'r' }, receivedAt: at, repeats: 1, agent };
  const fact = { node: undefined, source: 'sluice://registry' };
  registry.connection.publish(attemptSubject(resource), liar.facts.envelope(randomUUID(), 1, data, fact));
  await registry.connection.flush();
  const quarantined = async () =>
    (await unwrap(scene.system.admin.GET('/api/v1/quarantine', { params: { query: {} } }))).items.filter(
      ({ author }) => author === 'registry',
    ).length;
  await expect.poll(quarantined, WITHIN).toBe(1);
});

it('lets no relay use the id of a session of another, even if its facts come first', async () => {
  const [liar, honest] = [await hostile(), await hostile()];
  const [session, incarnation] = [new SessionIds(honest.relay.name).next(), randomUUID()];
  liar.relay.connection.publish(...opened(liar, session, incarnation));
  liar.relay.connection.publish(...checkpointOf(liar, session, incarnation));
  const lie = { ...liar.facts.ending(session), bytesUp: 999 };
  liar.relay.connection.publish(liar.facts.subjectOf('closed'), liar.facts.envelope(incarnation, 2, lie));
  await liar.relay.connection.flush();
  const foreign = async (table: string) =>
    (await owner.query(`select from audit.${table} where author = $1 and kind = 'foreign'`, [liar.relay.name])).rowCount;
  await expect.poll(() => foreign('quarantine'), WITHIN).toBe(3);
  expect(await foreign('integrity')).toBeGreaterThanOrEqual(1);
  expect(await stateOf(session)).toBeUndefined();
  const { rows } = await owner.query('select through from audit.chain where author = $1', [liar.relay.name]);
  expect(rows).toEqual([{ through: '2' }]); // the numbers are counted nevertheless

  honest.relay.connection.publish(...opened(honest, session, incarnation));
  honest.relay.connection.publish(
    honest.facts.subjectOf('closed'),
    honest.facts.envelope(incarnation, 2, honest.facts.ending(session)),
  );
  await honest.relay.connection.flush();
  await expect.poll(() => stateOf(session), WITHIN).toBe('final');
  const record = await owner.query('select relay_id, bytes_up from audit.session where id = $1', [session]);
  expect(record.rows).toEqual([{ relay_id: honest.relay.name, bytes_up: '0' }]);
});

it('reports a session of an older release whose id another relay has taken, so that it is not missing silently', async () => {
  const [liar, honest] = [await hostile(), await hostile()];
  const [session, incarnation] = [randomUUID(), randomUUID()];
  liar.relay.connection.publish(...checkpointOf(liar, session, randomUUID()));
  await liar.relay.connection.flush();
  await expect.poll(() => stateOf(session), WITHIN).toBe('live'); // of the facts that are stored together, an `opened` comes first
  honest.relay.connection.publish(...opened(honest, session, incarnation));
  await honest.relay.connection.flush();
  const kept = async () =>
    (await unwrap(scene.system.admin.GET('/api/v1/quarantine', { params: { query: {} } }))).items.find(
      ({ author }) => author === honest.relay.name,
    )?.reason;
  await expect.poll(kept, WITHIN).toContain('belongs to another relay');
});

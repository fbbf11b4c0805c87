import { randomUUID } from 'node:crypto';
import { attemptSubject, relayPresence, relayStartedSubject } from '@sluice/contracts';
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
const stateOf = async (sessionId: string) =>
  (await owner.query<{ state: string }>('select state from audit.session where id = $1', [sessionId])).rows[0]?.state;
const opened = ({ facts }: Awaited<ReturnType<typeof hostile>>, sessionId: string, incarnation: string, number = 1) =>
  [facts.subjectOf('opened'), facts.envelope(incarnation, number, { ...facts.begin(sessionId), dialledAddress: 'x' })] as const;

it('keeps no session from its presumed end, whatever duration another relay has claimed', async () => {
  const [liar, lost] = [await hostile(), await hostile()];
  const [lie, session, incarnation] = [randomUUID(), randomUUID(), randomUUID()];
  liar.relay.connection.publish(...opened(liar, lie, incarnation));
  const checkpoint = { sessionId: lie, at: new Date().toISOString(), bytesUp: 1, bytesDown: 1, durationMs: 1e300 };
  liar.relay.connection.publish(liar.facts.subjectOf('checkpoint'), liar.facts.envelope(incarnation, undefined, checkpoint));
  lost.relay.connection.publish(...opened(lost, session, randomUUID()));
  await Promise.all([liar, lost].map(({ relay }) => relay.connection.flush()));
  await expect.poll(() => stateOf(session), WITHIN).toBe('presumed ended');
  expect(await stateOf(lie)).toBe('presumed ended');
});

it('lets no relay have a lost one appear to be there, by answers of the server to its questions', async () => {
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

it('swallows no attempt that no relay answered, where a relay has taken its id', async () => {
  const liar = await hostile();
  const registry = await joinBus(scene.installation.options.home, 'registry');
  users.push(registry);
  const [id, resource, incarnation] = [randomUUID(), randomUUID(), randomUUID()];
  const checkpoint = { sessionId: id, at: new Date().toISOString(), bytesUp: 1, bytesDown: 1, durationMs: 1 };
  liar.relay.connection.publish(liar.facts.subjectOf('checkpoint'), liar.facts.envelope(incarnation, undefined, checkpoint));
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

it('reports a session whose id another relay has taken, so that it is not missing without a word', async () => {
  const [liar, honest] = [await hostile(), await hostile()];
  const [session, incarnation] = [randomUUID(), randomUUID()];
  const checkpoint = { sessionId: session, at: new Date().toISOString(), bytesUp: 1, bytesDown: 1, durationMs: 1 };
  liar.relay.connection.publish(liar.facts.subjectOf('checkpoint'), liar.facts.envelope(randomUUID(), undefined, checkpoint));
  await liar.relay.connection.flush();
  honest.relay.connection.publish(...opened(honest, session, incarnation));
  await honest.relay.connection.flush();
  const kept = async () =>
    (await unwrap(scene.system.admin.GET('/api/v1/quarantine', { params: { query: {} } }))).items.find(
      ({ author }) => author === honest.relay.name,
    )?.reason;
  await expect.poll(kept, WITHIN).toContain("another relay's");
});

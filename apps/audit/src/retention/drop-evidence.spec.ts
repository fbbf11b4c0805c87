import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import {
  type Actor,
  type Dropped,
  FIRST_PREVIOUS,
  headText,
  relayHeadSubject,
  serviceHeadSubject,
  SessionIds,
} from '@sluice/contracts';
import { checkDropped, CertificateVerifier, makeKeyPair, OwnIdentity, signDropped } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { sampleClosed, sampleFact, sampleOpened } from '@sluice/testing';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { pageOfChains } from '../chain/page-of-chains.js';
import type { StreamMessage } from '../ingest/store-batch.js';
import { storeFacts } from '../ingest/store-facts.js';
import { checkHeads } from '../integrity/check-heads.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { presumeEnded } from '../presumption/presume-ended.js';
import { dropEvidence } from './drop-evidence.js';
import { forgetActivities } from './forget-activities.js';
import { lift, pageOfHolds, place } from './holds.js';
import { oldChains } from './retention.js';

let database: DataSource;
let owner: pg.Client;
useAuditDatabase(async (opened, stores) => {
  database = opened;
  owner = new pg.Client(stores.ownerUrl);
  await owner.connect();
});
afterAll(() => owner.end());

const organizationId = randomUUID();
const authority = await createAuthority(organizationId, new Date());
const verifier = new CertificateVerifier(authority.certificatePem);
async function makeKey(identity: Parameters<typeof issueCertificate>[1]): Promise<OwnIdentity> {
  const { publicPem, privatePem } = makeKeyPair();
  const { certificatePem } = await issueCertificate(authority, identity, createPublicKey(publicPem), new Date(), 3_600_000);
  return new OwnIdentity({ certificate: certificatePem, privateKey: privatePem, ca: authority.certificatePem });
}
const audit = await makeKey({ kind: 'service', organizationId, service: 'audit' });
const ADMIN = { accountId: 'admin', email: 'admin@example.test', apiRole: 'administrator' } as Actor;

let node: string;
let key: OwnIdentity;
let ids: SessionIds;
let incarnation: string;
let number: number;
let previous: string;
let seq = 0;
beforeEach(async () => {
  node = randomUUID();
  key = await makeKey({ kind: 'relay', organizationId, nodeId: node, cluster: 'default' });
  ids = new SessionIds(node);
  [incarnation, number, previous] = [randomUUID(), 0, FIRST_PREVIOUS];
  await owner.query('delete from audit.hold');
});

function chained(make: () => { subject: string; data: Uint8Array }): StreamMessage {
  const fact = make();
  previous = createHash('sha256').update(fact.data).digest('hex');
  return { ...fact, seq: ++seq };
}
const sessionFact = (kind: 'opened' | 'closed', data: object): StreamMessage =>
  chained(() => sampleFact(kind, node, data, { incarnation, number: ++number }, { previous }));
const serviceFact = (subject: string, data: object): StreamMessage =>
  chained(() => {
    const { data: bytes } = sampleFact(
      'opened',
      node,
      data,
      { incarnation, number: ++number },
      { previous, type: 't', ...OF_REGISTRY },
    );
    return { subject, data: bytes };
  });
const OF_REGISTRY = { node: undefined, source: 'sluice://registry' };
const head = (): StreamMessage =>
  chained(() => {
    const stated = { through: number, hash: previous, at: new Date().toISOString() };
    const signature = key.sign(Buffer.from(headText(node, incarnation, stated))).toString('base64');
    const data = { ...stated, certificate: key.certificate.toString('base64'), signature };
    const more = { previous, ...(node === 'registry' && OF_REGISTRY) };
    const fact = sampleFact('opened', node, data, { incarnation, number: ++number }, { ...more, type: 'sluice.relay.head.v1' });
    return { ...fact, subject: node === 'registry' ? serviceHeadSubject(node) : relayHeadSubject('default', node) };
  });
function session(email = 'ann@example.test'): [id: string, StreamMessage[]] {
  const id = ids.next();
  const opened = { ...sampleOpened(id, node), account: { id: email, email } };
  return [id, [sessionFact('opened', opened), sessionFact('closed', sampleClosed(id))]];
}

/** Stores facts, checks their heads, and makes all of the chain and its records older. */
async function storeOld(messages: readonly StreamMessage[], days = 100): Promise<void> {
  await storeFacts(database, messages);
  await checkHeads(database, verifier, new AbortController().signal);
  await owner.query('update audit.fact set received_at = now() - make_interval(days => $2) where author = $1', [node, days]);
  await owner.query('alter table audit.session disable trigger user');
  await owner.query('update audit.session set settled_at = now() - make_interval(days => $2) where relay_id = $1', [node, days]);
  await owner.query('alter table audit.session enable trigger user');
}
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
const published: Dropped[] = [];
const drop = ({ days = 60, publish = (): Promise<void> => Promise.resolve() } = {}) =>
  dropEvidence(
    database,
    { author: node, incarnation },
    { sessions: daysAgo(days), activities: daysAgo(days), facts: daysAgo(days) },
    {
      authority: verifier,
      sign: (stated) => signDropped(audit, stated),
      publish: async ({ data }) => {
        published.push(data as Dropped);
        await publish();
      },
    },
  );
const numbers = async () =>
  (await database.query<{ number: string }[]>('select number from fact where author = $1 order by number', [node])).map((row) =>
    Number(row.number),
  );
const records = async () =>
  (await database.query<{ id: string }[]>('select id from session where relay_id = $1 order by id', [node])).map(({ id }) => id);
const hold = (more: object) => place(database, ADMIN, { id: randomUUID(), reason: 'case 7', ...more });

it('drops facts up to the last head before what is kept, with the records that follow from them, after it was published', async () => {
  const [, one] = session();
  const first = [...one, head()]; // 1, 2, 3
  const [, two] = session();
  const second = [...two, head()]; // 4, 5, 6
  const [kept, three] = session(); // 7, 8
  await storeOld([...first, ...second, ...three]);
  expect(await oldChains(database, { sessions: daysAgo(60), activities: null, facts: null })).toContainEqual({
    author: node,
    incarnation,
  });
  expect(await drop({ days: 110 })).toBeUndefined();
  const order: number[] = [];
  expect(await drop({ publish: async () => void order.push((await numbers()).length) })).toEqual({ facts: 5, records: 2 });
  expect(order).toEqual([8]); // nothing was deleted yet
  expect([await numbers(), await records()]).toEqual([[6, 7, 8], [kept]]);
  const said = published.at(-1) as Dropped;
  expect(said).toMatchObject({ author: node, incarnation, through: 5, facts: 5, records: 2 });
  expect(checkDropped(said, verifier)).toBeUndefined();
  const chain = (await pageOfChains(database, { limit: 500 })).items.find(({ author }) => author === node);
  expect(chain).toEqual({ author: node, incarnation, from: 6, to: 8, dropped: said });
  expect(await drop()).toBeUndefined(); // what is left has no other head
  await storeOld([head()]);
  expect(await drop()).toEqual({ facts: 3, records: 1 });
  expect(published.at(-1)).toMatchObject({ through: 8, facts: 8, records: 3 }); // of all
  expect([await numbers(), await records()]).toEqual([[9], []]);
});

it('keeps the facts of a session that runs, and all after them', async () => {
  const [, one] = session();
  const first = [...one, head()];
  const opened = sessionFact('opened', sampleOpened(ids.next(), node));
  await storeOld([...first, opened, head(), ...session()[1], head()]);
  expect(await drop()).toEqual({ facts: 2, records: 1 });
  expect(await numbers()).toEqual([3, 4, 5, 6, 7, 8]);
  expect(await drop()).toBeUndefined();
});

it('keeps what is held until a day after the hold was released', async () => {
  await storeOld([...session('bob@example.test')[1], head(), ...session()[1], head()]);
  await hold({ account: 'carol@example.test' });
  await hold({ account: 'BOB@example.test', since: daysAgo(99).toISOString() }); // it was over before
  const { id } = await hold({ account: 'BOB@example.test', since: daysAgo(101).toISOString() });
  expect(await drop()).toBeUndefined();
  await expect(database.query('select * from drop_evidence($1, $2, 2, null, now(), null)', [node, incarnation])).rejects.toThrow(
    'a record that is kept follows from these facts',
  ); // whatever the service believes
  expect(await lift(database, ADMIN, id)).toMatchObject({ id, releasedBy: 'admin@example.test' });
  expect(await drop()).toBeUndefined();
  await database.query('update stream_position set age_seconds = age_seconds + 86400');
  expect(await drop()).toEqual({ facts: 5, records: 2 });
  const page = await pageOfHolds(database, { limit: 2 });
  expect(page.items[0]).toMatchObject({ id, reason: 'case 7', createdBy: 'admin@example.test' });
  expect((await pageOfHolds(database, { limit: 2, cursor: page.nextCursor as string })).items).toHaveLength(1);
});

it('does not drop what a hold finds when it is placed, and a hold that comes later waits for what is being dropped', async () => {
  await storeOld([...session()[1], head()]);
  let placed: Promise<unknown> | undefined;
  const order: string[] = [];
  await drop({
    publish: async () => {
      placed = hold({}).then(() => order.push('placed'));
      while ((await owner.query("select from pg_locks where locktype = 'advisory' and not granted")).rowCount === 0);
      order.push('dropping');
    },
  });
  await placed;
  expect(order).toEqual(['dropping', 'placed']);
  await storeOld([...session()[1], head()]);
  expect(await drop()).toBeUndefined();
});

it("keeps an end in another journal until its beginning is dropped, and takes nothing for a relay's session that another one names", async () => {
  const id = randomUUID(); // names no author
  const opened = sessionFact('opened', { ...sampleOpened(ids.next(), node), sessionId: id });
  const before = [opened, head()];
  const first = incarnation;
  [incarnation, number, previous] = [randomUUID(), 0, FIRST_PREVIOUS];
  const after = [sessionFact('closed', sampleClosed(id)), head()];
  await storeOld([...before, ...after]);
  expect(await drop()).toBeUndefined();
  const other = { node, incarnation };
  [node, incarnation, number, previous] = [randomUUID(), randomUUID(), 0, FIRST_PREVIOUS];
  key = await makeKey({ kind: 'relay', organizationId, nodeId: node, cluster: 'default' });
  await storeOld([sessionFact('closed', sampleClosed(id)), head()]);
  expect(await drop()).toEqual({ facts: 1, records: 0 });
  node = other.node;
  expect(await records()).toEqual([id]);
  incarnation = first;
  expect(await drop()).toEqual({ facts: 1, records: 1 });
  incarnation = other.incarnation;
  expect(await drop()).toEqual({ facts: 1, records: 0 });
});

it('drops nothing early that was received while the clock of the database was behind', async () => {
  await storeOld([...session()[1], head()]);
  await database.query("update stream_position set aged_at = now() + interval '1 hour'"); // the clock was put back
  await presumeEnded(database, () => new Set(), 30);
  await owner.query("update audit.stream_position set behind_from = now() - interval '101 days'"); // and showed the times of these facts again
  expect(await drop()).toBeUndefined();
  await owner.query('update audit.chain set looked_age = null');
  await owner.query('update audit.stream_position set behind_from = null, behind_to = null, behind_age = null');
  expect(await drop()).toEqual({ facts: 2, records: 1 });
});

it('looks again a day later at a chain of which nothing can be dropped', async () => {
  await storeOld([...session()[1]]);
  await owner.query('update audit.chain set signed_through = 1 where author = $1', [node]);
  const isOld = async () =>
    (await oldChains(database, { sessions: daysAgo(60), activities: null, facts: null })).some(({ author }) => author === node);
  expect(await isOld()).toBe(true);
  expect(await drop()).toBeUndefined();
  expect(await isOld()).toBe(false);
  await database.query('update stream_position set age_seconds = age_seconds + 86400');
  expect(await isOld()).toBe(true);
});

it('drops activities with their ids, and holds them by their time', async () => {
  node = 'registry';
  key = await makeKey({ kind: 'service', organizationId, service: 'registry' });
  const id = randomUUID();
  const all = [
    serviceFact('audit.v1.activity.role.created', { id }),
    head(),
    serviceFact('audit.v1.activity.role.updated', {}),
    head(),
  ];
  await storeOld(all);
  const { id: held } = await hold({ account: 'nobody@example.test', since: daysAgo(120).toISOString() });
  expect(await drop()).toBeUndefined();
  await expect(database.query('select * from drop_evidence($1, $2, 1, null, now(), null)', [node, incarnation])).rejects.toThrow(
    'these facts are held',
  );
  await lift(database, ADMIN, held);
  await database.query('update stream_position set age_seconds = age_seconds + 86400');
  await hold({ since: daysAgo(99).toISOString() });
  expect(await drop()).toEqual({ facts: 3, records: 0 });
  expect(await forgetActivities(database, [])).toEqual([id]);
  expect(await forgetActivities(database, [id])).toEqual([]);
});

it('drops nothing if it cannot be published', async () => {
  await storeOld([...session()[1], head()]);
  await expect(drop({ publish: () => Promise.reject(new Error('no bus')) })).rejects.toThrow('no bus');
  expect(await numbers()).toEqual([1, 2, 3]);
});

it('does not store again what was dropped, nor make a record of it, and its chain continues', async () => {
  const [, facts] = session();
  const all = [...facts, head()];
  await storeOld(all);
  await drop();
  const [, next] = session();
  const { progress, quarantined } = await storeFacts(database, [...all, ...next]);
  expect(progress).toMatchObject([{ author: node, through: 5 }]);
  expect(quarantined.map(({ kind, reason }) => [kind, reason])).toEqual([
    ['conflict', 'its number belongs to the part of its chain that was dropped by retention'],
    ['conflict', 'its number belongs to the part of its chain that was dropped by retention'],
  ]);
  expect([await numbers(), (await records()).length]).toEqual([[3, 4, 5], 1]);
});

it('lets its role delete nothing but by the rules of the database', async () => {
  await storeOld([...session()[1], head(), ...session()[1]], 20);
  await expect(database.query('delete from fact')).rejects.toThrow('permission denied');
  await expect(database.query('delete from session')).rejects.toThrow('permission denied');
  const call = (cut: number) =>
    database.query('select * from drop_evidence($1, $2, $3, null, now(), null)', [node, incarnation, cut]);
  await expect(call(2)).rejects.toThrow('facts that were received within 31 days stay');
  await expect(call(1)).rejects.toThrow('what is left would not begin with a head');
  await expect(call(4)).rejects.toThrow('the chain is not signed up to 4');
});

import { createPublicKey, randomUUID } from 'node:crypto';
import type { Actor, Dropped } from '@sluice/contracts';
import { checkDropped, CertificateVerifier, makeKeyPair, OwnIdentity, signDropped } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { pageOfChains } from '../chain/page-of-chains.js';
import type { StreamMessage } from '../ingest/store-batch.js';
import { storeFacts } from '../ingest/store-facts.js';
import { checkHeads } from '../integrity/check-heads.js';
import { ChainMaker } from '../testing/chain-maker.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { presumeEnded } from '../presumption/presume-ended.js';
import { dropEvidence } from './drop-evidence.js';
import { forgetActivities } from './forget-activities.js';
import { lift, pageOfHolds, place } from './holds.js';
import { oldChains } from './retention.js';
import { RETENTION_LOCK } from './retention-lock.js';

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

let chain: ChainMaker;
const makeChain = async (node = randomUUID()): Promise<ChainMaker> =>
  new ChainMaker(node, await makeKey({ kind: 'relay', organizationId, nodeId: node, cluster: 'default' }));
const makeRegistryChain = async (): Promise<ChainMaker> =>
  new ChainMaker('registry', await makeKey({ kind: 'service', organizationId, service: 'registry' }));
beforeEach(async () => {
  chain = await makeChain();
  await owner.query('delete from audit.hold');
});
const head = (): StreamMessage => chain.head();
const session = (email?: string) => chain.session(email);

/** Stores facts, checks their heads, and makes all of the chain and its records older. */
async function storeOld(messages: readonly StreamMessage[], days = 100): Promise<void> {
  await storeFacts(database, messages);
  await checkHeads(database, verifier, new AbortController().signal);
  await owner.query('update audit.fact set received_at = now() - make_interval(days => $2) where author = $1', [
    chain.author,
    days,
  ]);
  await owner.query('alter table audit.session disable trigger user');
  await owner.query('update audit.session set settled_at = now() - make_interval(days => $2) where relay_id = $1', [
    chain.author,
    days,
  ]);
  await owner.query('alter table audit.session enable trigger user');
}
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
const published: Dropped[] = [];
const drop = ({ days = 60, publish = (): Promise<void> => Promise.resolve() } = {}) =>
  dropEvidence(
    database,
    { author: chain.author, incarnation: chain.incarnation },
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
  (await database.query<{ number: string }[]>('select number from fact where author = $1 order by number', [chain.author])).map(
    (row) => Number(row.number),
  );
const records = async () =>
  (await database.query<{ id: string }[]>('select id from session where relay_id = $1 order by id', [chain.author])).map(
    ({ id }) => id,
  );
/** Makes the service and releases of holds a day older. */
async function passADay(): Promise<void> {
  await owner.query('update audit.stream_position set age_seconds = age_seconds + 86400');
  await owner.query("update audit.hold set released_at = released_at - interval '1 day'");
}
const hold = (more: object) => place(database, ADMIN, { id: randomUUID(), reason: 'case 7', ...more });

it('drops facts up to the last head before what is kept, with the records that follow from them, after it was published', async () => {
  const [, one] = session();
  const first = [...one, head()]; // 1, 2, 3
  const [, two] = session();
  const second = [...two, head()]; // 4, 5, 6
  const [kept, three] = session(); // 7, 8
  await storeOld([...first, ...second, ...three]);
  expect(await oldChains(database, { sessions: daysAgo(60), activities: null, facts: null })).toContainEqual({
    author: chain.author,
    incarnation: chain.incarnation,
  });
  expect(await drop({ days: 110 })).toBeUndefined();
  const order: number[] = [];
  expect(await drop({ publish: async () => void order.push((await numbers()).length) })).toEqual({ facts: 5, records: 2 });
  expect(order).toEqual([8]); // nothing was deleted yet
  expect([await numbers(), await records()]).toEqual([[6, 7, 8], [kept]]);
  const said = published.at(-1) as Dropped;
  expect(said).toMatchObject({ author: chain.author, through: 5, facts: 5, records: 2 });
  expect(checkDropped(said, verifier)).toEqual(said);
  const shown = (await pageOfChains(database, { limit: 500 })).items.find(({ author }) => author === chain.author);
  expect(shown).toEqual({ author: chain.author, incarnation: chain.incarnation, from: 6, to: 8, dropped: said });
  expect(await drop()).toBeUndefined(); // what is left has no other head
  await storeOld([head()]);
  expect(await drop()).toEqual({ facts: 3, records: 1 });
  expect(published.at(-1)).toMatchObject({ through: 8, facts: 8, records: 3 }); // of all
  expect([await numbers(), await records()]).toEqual([[9], []]);
});

it('keeps the facts of a session that runs, and all after them', async () => {
  const [, one] = session();
  const first = [...one, head()];
  const opened = chain.opened();
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
  await expect(
    database.query('select * from drop_evidence($1, $2, 2, null, now(), null)', [chain.author, chain.incarnation]),
  ).rejects.toThrow('a record that is kept follows from these facts'); // whatever the service believes
  expect(await lift(database, ADMIN, id)).toMatchObject({ id, releasedBy: 'admin@example.test' });
  expect(await drop()).toBeUndefined();
  await passADay();
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
  const first = chain;
  const before = [chain.opened(id), head()];
  const second = (chain = chain.another());
  await storeOld([...before, chain.closed(id), head()]);
  expect(await drop()).toBeUndefined();
  chain = await makeChain();
  await storeOld([chain.closed(id), head()]);
  expect(await drop()).toEqual({ facts: 1, records: 0 });
  chain = first;
  expect(await records()).toEqual([id]);
  expect(await drop()).toEqual({ facts: 1, records: 1 });
  chain = second;
  expect(await drop()).toEqual({ facts: 1, records: 0 });
});

it('drops nothing early that was received while the clock of the database was behind', async () => {
  await storeOld([...session()[1], head()]);
  const ofRelay = chain;
  chain = await makeRegistryChain();
  await storeOld([chain.ofRegistry('audit.v1.activity.role.created', {}), head()]);
  const both = [ofRelay, chain];
  await database.query("update stream_position set aged_at = now() + interval '1 hour'"); // the clock was put back
  await presumeEnded(database, () => new Set(), 30);
  await owner.query("update audit.stream_position set behind_from = now() - interval '101 days'"); // and showed the times of these facts again
  for (chain of both) expect(await drop()).toBeUndefined();
  await owner.query('update audit.stream_position set behind_from = null, behind_to = null, behind_age = null');
  const dropped = [];
  for (chain of both) dropped.push(await drop());
  expect(dropped).toEqual([
    { facts: 2, records: 1 },
    { facts: 1, records: 0 },
  ]);
});

it('looks again a day later at a chain of which nothing can be dropped', async () => {
  await storeOld([...session()[1]]);
  await owner.query('update audit.chain set signed_through = 1 where author = $1', [chain.author]);
  const isOld = async () =>
    (await oldChains(database, { sessions: daysAgo(60), activities: null, facts: null })).some(
      ({ author }) => author === chain.author,
    );
  expect(await isOld()).toBe(true);
  expect(await drop()).toBeUndefined();
  expect(await isOld()).toBe(false);
  await passADay();
  expect(await isOld()).toBe(true);
});

it('drops activities with their ids, and holds them by their time', async () => {
  chain = await makeRegistryChain();
  const id = randomUUID();
  const all = [
    chain.ofRegistry('audit.v1.activity.role.created', { id }),
    head(),
    chain.ofRegistry('audit.v1.activity.role.updated', {}),
    head(),
  ];
  await storeOld(all);
  const { id: held } = await hold({ account: 'nobody@example.test', since: daysAgo(120).toISOString() });
  expect(await drop()).toBeUndefined();
  await expect(
    database.query('select * from drop_evidence($1, $2, 1, null, now(), null)', [chain.author, chain.incarnation]),
  ).rejects.toThrow('these facts are held');
  await lift(database, ADMIN, held);
  await passADay();
  await hold({ since: daysAgo(99).toISOString() });
  expect(await drop()).toEqual({ facts: 3, records: 0 });
  expect(await forgetActivities(database, [])).toEqual([id]);
  expect(await forgetActivities(database, [id])).toEqual([]);
});

it('drops a part once, whoever else does so at the same time, and what arrives meanwhile is not lost', async () => {
  const [, facts] = session();
  const [first, ...others] = [...facts, head()];
  await storeOld(others); // number 1 is missing
  await database.query('update chain set through = 3 where author = $1', [chain.author]); // and was given up
  const before = published.length;
  const [one, two] = await Promise.all([drop(), drop()]);
  expect([one ?? two, one && two, published.length - before]).toEqual([{ facts: 1, records: 1 }, undefined, 1]);

  chain = chain.another();
  const [, more] = session();
  const [late, ...rest] = [...more, head(), head()];
  await storeOld(rest);
  await expect(drop({ publish: () => storeOld([late as StreamMessage]) })).rejects.toThrow(
    'the evidence has changed while it was being dropped',
  );
  expect(await numbers()).toEqual([3, 1, 2, 3, 4].toSorted((a, b) => a - b));
  expect(await drop()).toEqual({ facts: 3, records: 1 });
  expect((await storeFacts(database, [first as StreamMessage])).quarantined).toHaveLength(1); // that number was dropped
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
  expect(progress).toMatchObject([{ author: chain.author, through: 5 }]);
  expect(quarantined.map(({ kind, reason }) => [kind, reason])).toEqual([
    ['conflict', 'its number belongs to the part of its chain that was dropped by retention'],
    ['conflict', 'its number belongs to the part of its chain that was dropped by retention'],
  ]);
  expect([await numbers(), (await records()).length]).toEqual([[3, 4, 5], 1]);
});

it('deletes for its role only what its statement is of, under the lock of holds, and releases no hold early', async () => {
  const [id, one] = session();
  await storeOld([...one, head(), ...session()[1], head()]);
  const cut = (statement: unknown, sessions: string[] | null = null) =>
    database.query('select * from drop_evidence($1, $2, 2, $3, now(), $4)', [
      ...[chain.author, chain.incarnation, sessions, statement],
    ]);
  const said = { author: chain.author, incarnation: chain.incarnation, through: 2, hash: chain.hashOf(2), facts: 2, records: 1 };
  await expect(cut(null)).rejects.toThrow('the statement is not of these facts');
  for (const other of [{ author: 'registry' }, { incarnation: 'i' }, { through: 3 }, { hash: 'a'.repeat(64) }])
    await expect(cut({ ...said, ...other })).rejects.toThrow('the statement is not of these facts');
  for (const other of [{ facts: 1 }, { records: 0 }])
    await expect(cut({ ...said, ...other })).rejects.toThrow('the evidence has changed while it was being dropped');
  const [, later] = await records();
  await expect(cut(said, [later as string])).rejects.toThrow('a record that is kept follows from these facts');

  await hold({});
  await expect(database.query('update hold set released_at = now()')).rejects.toThrow('permission denied');
  await database.query("select release_hold(id, 'x') from hold");
  await database.query('update stream_position set age_seconds = age_seconds + 1e6'); // what the role can do
  await expect(cut(said)).rejects.toThrow('a record that is kept follows from these facts');
  await passADay();

  await owner.query('select pg_advisory_lock($1)', [RETENTION_LOCK]);
  const dropping = cut(said);
  while ((await owner.query("select from pg_locks where locktype = 'advisory' and not granted")).rowCount === 0);
  expect(await numbers()).toHaveLength(6);
  await owner.query('select pg_advisory_unlock($1)', [RETENTION_LOCK]);
  expect(await dropping).toMatchObject([{ facts: '2', records: '1' }]);
  expect(await records()).not.toContain(id);
});

it('leaves a record with its relay', async () => {
  await storeFacts(database, [chain.opened()]);
  await expect(database.query("update session set relay_id = 'nobody' where relay_id = $1", [chain.author])).rejects.toThrow(
    'is of another relay',
  );
});

it('drops a chain whose session another chain of its relay names too', async () => {
  const [id, all] = session();
  const first = chain;
  const before = [...all, head()];
  chain = chain.another();
  await storeOld([...before, chain.opened(id), head()]);
  const both = [first, chain];
  const dropped = [];
  for (chain of [...both, ...both]) dropped.push(await drop());
  expect(dropped.filter(Boolean)).toHaveLength(2);
});

it('lets its role delete nothing but by the rules of the database', async () => {
  await storeOld([...session()[1], head(), ...session()[1]], 20);
  await expect(database.query('delete from fact')).rejects.toThrow('permission denied');
  await expect(database.query('delete from session')).rejects.toThrow('permission denied');
  const call = (cut: number) =>
    database.query('select * from drop_evidence($1, $2, $3, null, now(), null)', [chain.author, chain.incarnation, cut]);
  await expect(call(2)).rejects.toThrow('facts that were received within 31 days stay');
  await expect(call(1)).rejects.toThrow('what is left would not begin with a head');
  await expect(call(4)).rejects.toThrow('the chain is not signed up to 4');
});

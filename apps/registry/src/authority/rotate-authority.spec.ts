import { randomBytes, randomUUID } from 'node:crypto';
import { AuthorityRecords, MAX_AUTHORITIES } from '@sluice/contracts';
import { endorsePrevious, fingerprintOf, provenAuthorities, readPrivateKey, sealText } from '@sluice/identity';
import { createAuthority } from '@sluice/identity/authority';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { type Change, makeChange } from '../change/change.js';
import { createKey, pageOfKeys, revokeKey } from '../cluster/cluster-keys.js';
import type { RegistryConfig } from '../config.js';
import { Organization } from '../organization/organization.js';
import type { Presence } from '../presence/presence.js';
import { addOrganization } from '../testing/add-organization.js';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { type AuthorityRow, AuthoritySet, openKey } from './authority-set.js';
import { findAwaited } from './find-awaited.js';
import { noteCertified } from './note-certified.js';
import { prepareAuthorityIn, retireAuthorityIn, switchAuthorityIn } from './rotate-authority.js';

const sealKey = randomBytes(32);
let database: DataSource;
/** The authority that signs before a test. */
let firstPrint: string;

useRegistryDatabase(async (opened) => {
  database = opened;
  await addOrganization(database, { sealKey });
});

/** Completes the rotation of the test before. */
beforeEach(async () => {
  if ((await read()).in('next')) await switchOver();
  if ((await read()).in('former')) await retire();
  firstPrint = (await read()).current.fingerprint;
});

const change = <T>(work: (change: Change) => Promise<T>): Promise<T> =>
  makeChange(database, { id: randomUUID(), email: 'admin@example.test' }, randomUUID(), work);
const prepare = () => change((at) => prepareAuthorityIn(at, sealKey));
const switchOver = () => change((at) => switchAuthorityIn(at, sealKey));
const retire = () => change((at) => retireAuthorityIn(at, sealKey));
const read = () => AuthoritySet.read(database);
const states = async () => (await read()).all.map(({ state }) => state);
const verbs = async () =>
  (await database.query<{ verb: string }[]>('select verb from activity order by at, verb')).map(({ verb }) => verb);
/** Nobody is present. */
const nobody = { isHere: () => false, seenAt: () => undefined } as unknown as Presence;

it('goes through its steps twice, each once however often it is repeated, with an activity and a policy that is published again', async () => {
  for (const round of [1, 2]) {
    await Promise.all([prepare(), prepare()]); // as two registries may
    expect((await states()).slice(-2)).toEqual(['current', 'next']);
    await Promise.all([switchOver(), switchOver()]);
    expect((await states()).slice(-2)).toEqual(['former', 'current']);
    await Promise.all([retire(), retire()]);
    expect((await states()).slice(-2)).toEqual(['retired', 'current']);
    expect(await states()).toHaveLength(round + 1);
  }
  expect((await verbs()).toSorted()).toEqual(['prepared', 'prepared', 'retired', 'retired', 'switched', 'switched']);
  const [row] = await database.query<{ count: string }[]>("select count(*) from outbox where kind = 'settings'");
  expect(Number(row?.count)).toBe(6);
});

it('names the one that signs first, and after it is retired the former one no more', async () => {
  await prepare();
  const next = (await read()).in('next')?.fingerprint as string;
  expect((await read()).fingerprints).toEqual([firstPrint, next]);
  await switchOver();
  expect((await read()).fingerprints).toEqual([next, firstPrint]);
  expect((await read()).bundle.match(/BEGIN/g)).toHaveLength(2);
  await retire();
  expect((await read()).fingerprints).toEqual([next]);
  expect((await read()).retired).toContain(firstPrint);
});

it('keeps the signatures by which all authorities follow from each other, and only the keys of those that sign', async () => {
  await prepare();
  await switchOver();
  const [row] = await database.query<{ count: string }[]>('select count(*) from authority where key_sealed is not null');
  expect(Number(row?.count)).toBe(1);
  await retire();
  await prepare();
  const records = (await read()).records('all');
  for (const { certificate } of records.slice(0, -1))
    // the next one vouches for nobody yet
    expect(provenAuthorities(new Set([fingerprintOf(certificate)]), records)).toHaveLength(records.length);
  const { all, current } = await read();
  const limits = provenAuthorities(new Set([current.fingerprint]), records).map(({ acceptedUntil }) => acceptedUntil);
  expect(limits).toEqual(all.map(({ accepted_until }) => accepted_until?.getTime() ?? Number.POSITIVE_INFINITY));
  const last = all.findLast(({ state }) => state === 'retired');
  expect((last?.accepted_until?.getTime() ?? 0) - (last?.retired_at?.getTime() ?? 0)).toBe(5 * 60_000); // for clocks that are ahead
});

it('accepts a former one as long as certificates of it can be valid, and none that the one that signs does not endorse', async () => {
  await prepare();
  await switchOver();
  const { current } = await read();
  const [former] = await database.query<{ accepted_until: Date }[]>("select * from authority where state = 'former'");
  expect(former?.accepted_until.getTime()).toBe((current.switched_at?.getTime() ?? 0) + 24 * 3600_000 + 5 * 60_000);
  await database.query("update authority set accepted_until = now() where state = 'former'"); // which was not signed
  await expect(read()).rejects.toThrow(/is not endorsed by the one that signs/);
  await database.query("update authority set accepted_until = $1 where state = 'former'", [former?.accepted_until]);
  expect((await read()).accepted).toHaveLength(2);
});

it('uses no certificate that somebody has written into the database beside that of an authority', async () => {
  const { current } = await read();
  const planted = await createAuthority(randomUUID(), new Date());
  const write = (certificate: string) =>
    database.query('update authority set certificate = $2 where fingerprint = $1', [current.fingerprint, certificate]);
  for (const both of [
    `${current.certificate.trim()}\n${planted.certificatePem}`,
    `${planted.certificatePem}\n${current.certificate}`,
  ]) {
    await write(both);
    await expect(read()).rejects.toThrow(/is not endorsed by the one that signs/);
  }
  await write(current.certificate);
  expect((await read()).fingerprints).toEqual([firstPrint]);
});

it('signs with no authority that somebody has put in the place of the one whose key is there', async () => {
  const { current, all } = await read();
  const before = all.at(-2) as AuthorityRow;
  const planted = await createAuthority(randomUUID(), new Date());
  const print = fingerprintOf(planted.certificatePem);
  const until = (before.accepted_until as Date).toISOString();
  const endorsed = endorsePrevious(readPrivateKey(planted.privatePem), print, before.fingerprint, until);
  const put = (...row: (string | null)[]) =>
    database.query(
      "update authority set fingerprint = $1, certificate = $2, endorses_previous = $3 where state = 'current'",
      row,
    );
  const start = () => new Organization(database, { caSealKey: sealKey } as RegistryConfig).onModuleInit();
  await put(print, planted.certificatePem, endorsed);
  expect((await read()).current.fingerprint).toBe(print); // the signatures are right
  await expect(start()).rejects.toThrow('the key in the database is not that of the authority');
  await expect(prepare()).rejects.toThrow('the key in the database is not that of the authority');
  await put(firstPrint, current.certificate, current.endorses_previous);
  await start();
});

it('refuses a step that is not due', async () => {
  const refusal = (work: Promise<unknown>) => expect(work).rejects.toThrow();
  await refusal(switchOver());
  await prepare();
  await refusal(retire());
  await switchOver();
  await refusal(prepare());
});

async function addRelay(name: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    "insert into node (id, kind, name, cluster_id, public_key, enrolled_at) values ($1, 'relay', $2, 'default', '', now())",
    [id, name],
  );
  return id;
}

it('waits before it retires an authority for nodes that have a certificate of it, also if they are away, and for keys that pin it', async () => {
  const id = await addRelay('relay-1');
  const left = await addRelay('relay-2');
  const accepted = async () => (await read()).fingerprints;
  const inAnHour = new Date(Date.now() + 3600_000);
  await noteCertified(database.manager, 'node', id, { accepted: await accepted(), expiresAt: inAnHour });
  await noteCertified(database.manager, 'node', left, { accepted: await accepted(), expiresAt: new Date(Date.now() - 1000) });
  await database.query(
    "insert into cluster_key (id, cluster_id, secret_hash, created_by, authority) values ($1, 'default', 'a', 'ann', $3), ($2, 'default', 'b', 'ann', 'another one')",
    [randomUUID(), randomUUID(), firstPrint],
  );
  const awaited = async () => {
    const found = await findAwaited(database.manager, nobody, await read());
    return found.awaited.map(({ kind, name, blocks }) => [kind, name, blocks]);
  };
  expect(await awaited()).toEqual([]);
  await prepare();
  expect(await awaited()).toEqual([
    ['relay', 'relay-1', false],
    ['relay', 'relay-2', false],
    ['services', 'registry, health, audit', true],
  ]);
  await switchOver();
  expect(await awaited()).toEqual([
    ['relay', 'relay-1', true],
    ['cluster key', 'default', true],
    ['services', 'registry, health, audit', true],
  ]);
  await noteCertified(database.manager, 'node', id, { accepted: await accepted(), expiresAt: inAnHour });
  await database.query("update cluster_key set revoked_at = now() where secret_hash = 'a'");
  await database.query("update authority set switched_at = now() - interval '2 minutes' where state = 'current'");
  expect(await awaited()).toEqual([]);
  await retire();
  expect([(await read()).isRetired(firstPrint), (await read()).isRetired((await read()).current.fingerprint)]).toEqual([
    true,
    false,
  ]);
  await database.query('update node set deleted_at = now()');
});

it('shows with each key of a cluster what has become of the authority that it pins', async () => {
  const at = { publicUrl: 'https://sluice.example.test', by: 'ann' };
  const create = () => change((within) => createKey(within, at, { proxyCluster: 'default' }));
  const older = await create();
  const shown = async () => {
    const { items } = await pageOfKeys(database, { limit: 100 });
    return Object.fromEntries(items.map(({ id, authority }) => [id, authority]));
  };
  expect(older.authority).toBe('current');
  await prepare();
  await switchOver();
  const newer = await create();
  expect(await shown()).toMatchObject({ [older.id]: 'former', [newer.id]: 'current' });
  await retire();
  expect(await shown()).toMatchObject({ [older.id]: 'retired', [newer.id]: 'current' });
  for (const { id } of [older, newer]) await change((within) => revokeKey(within, id));
});

it('waits for agents that are running, and not for logins without one', async () => {
  const account = randomUUID();
  await database.query("insert into account (id, email, api_role, password_hash) values ($1, 'ann@example.test', 'user', '')", [
    account,
  ]);
  const logins = [randomUUID(), randomUUID()] as const;
  for (const [id, seen] of [
    [logins[0], new Date()],
    [logins[1], null],
  ])
    await database.query(
      `insert into login (id, account_id, token_hash, expires_at, certified_until, agent_seen_at)
         values ($1, $2, $3, now() + interval '1 hour', now() + interval '1 hour', $4)`,
      [id, account, id, seen],
    );
  await prepare();
  await database.query("update authority set prepared_at = now() - interval '2 minutes'");
  const found = async () => findAwaited(database.manager, nobody, await read());
  expect(await found()).toMatchObject({ agents: { ready: 0, all: 1 }, awaited: [{ kind: 'agent', name: 'ann@example.test' }] });
  const accepted = (await read()).fingerprints;
  await noteCertified(database.manager, 'login', logins[0], { accepted, expiresAt: new Date(Date.now() + 3600_000) });
  expect(await found()).toMatchObject({ agents: { ready: 1, all: 1 }, awaited: [] });
});

it('names the newest to others, as many as a list may have, and knows all', async () => {
  const { current } = await read();
  const { pem } = openKey(current, sealKey);
  const first = { certificatePem: current.certificate, privatePem: pem };
  const later = await Promise.all(Array.from({ length: MAX_AUTHORITIES }, () => createAuthority(randomUUID(), new Date())));
  const chain = [first, ...later].map((each) => ({
    ...each,
    print: fingerprintOf(each.certificatePem),
    key: readPrivateKey(each.privatePem),
  }));
  const until = new Date().toISOString();
  const retired = "state = 'retired', key_sealed = null, accepted_until = $2, retired_at = $2";
  for (const [at, { certificatePem, privatePem, print, key }] of chain.entries()) {
    const before = chain[at - 1];
    if (before) {
      await database.query(`update authority set ${retired} where fingerprint = $1`, [before.print, until]);
      const endorsed = endorsePrevious(key, print, before.print, until);
      await database.query(
        "insert into authority (fingerprint, number, state, certificate, key_sealed, endorses_previous) values ($1, $2, 'current', $3, $4, $5)",
        [print, current.number + at, certificatePem, sealText(privatePem, sealKey), endorsed],
      );
    }
  }
  const set = await read();
  expect(set.all.length).toBeGreaterThan(MAX_AUTHORITIES);
  expect(AuthorityRecords.parse(set.records('all')).at(-1)?.certificate).toBe(`${later.at(-1)?.certificatePem.trim()}\n`);
  expect(set.isRetired(current.fingerprint)).toBe(true);
});

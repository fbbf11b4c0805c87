import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import {
  type ChainedService,
  factType,
  FIRST_PREVIOUS,
  headText,
  relayHeadSubject,
  relayStartedSubject,
  serviceHeadSubject,
} from '@sluice/contracts';
import { CertificateVerifier, makeKeyPair, OwnIdentity } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import type { StreamMessage } from '../ingest/store-batch.js';
import { storeFacts } from '../ingest/store-facts.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { checkHeads } from './check-heads.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

const organizationId = randomUUID();
const authority = await createAuthority(organizationId, new Date());
const verifier = new CertificateVerifier(authority.certificatePem);
type Identity = Parameters<typeof issueCertificate>[1];

async function makeKey(identity: Identity, by = authority): Promise<OwnIdentity> {
  const { publicPem, privatePem } = makeKeyPair();
  const { certificatePem } = await issueCertificate(by, identity, createPublicKey(publicPem), new Date(), 3_600_000);
  return new OwnIdentity({ certificate: certificatePem, privateKey: privatePem, ca: by.certificatePem });
}
const relayKey = (nodeId: string, by = authority) => makeKey({ kind: 'relay', organizationId, nodeId, cluster: 'default' }, by);

let node: string;
let key: OwnIdentity;
let incarnation: string;
let previous: string;
let number: number;
beforeEach(async () => {
  node = randomUUID();
  key = await relayKey(node);
  [incarnation, previous, number] = [randomUUID(), FIRST_PREVIOUS, 0];
});

let seq = 0;
function fact(subject: string, data: object, author = node): StreamMessage {
  number++;
  const bytes = Buffer.from(
    JSON.stringify({
      ...{ specversion: '1.0', id: `${incarnation}-${number}`, source: `sluice://${author}`, type: factType(subject) },
      ...{ time: new Date().toISOString(), datacontenttype: 'application/json', ...(author === node && { node }) },
      ...{ incarnation, number, previous, data },
    }),
  );
  previous = createHash('sha256').update(bytes).digest('hex');
  return { subject, data: bytes, seq: ++seq };
}
const started = () => fact(relayStartedSubject('default', node), { relay: { id: node, name: 'relay' }, before: null });
function signed(by: OwnIdentity, author: string, more: object, at: number) {
  const stated = { through: number, hash: previous, at: new Date(at).toISOString() };
  const signature = by.sign(Buffer.from(headText(author, incarnation, stated))).toString('base64');
  return { ...stated, certificate: by.certificate.toString('base64'), signature, ...more };
}
const head = ({ by = key, at = Date.now(), ...more }: { by?: OwnIdentity; at?: number; signature?: string } = {}) =>
  fact(relayHeadSubject('default', node), signed(by, node, more, at));

const check = () => checkHeads(database, verifier, new AbortController().signal);
const signedThrough = async (author = node) => {
  const [row] = await database.query<{ signed_through: string | null }[]>(
    'select signed_through from chain where author = $1 and incarnation = $2',
    [author, incarnation],
  );
  return Number(row?.signed_through);
};
/** The findings about an author: how many, and the first and last. */
const found = async (author = node) =>
  (
    await database.query<{ findings: string; detail: { number: number; reason: string }; last: { number: number } | null }[]>(
      "select findings, detail, last from integrity where author = $1 and kind = 'unproven' order by due_at",
      [author],
    )
  ).map(({ findings, detail, last }) => ({ findings: Number(findings), ...detail, last: last?.number }));
const left = async () => Number((await database.query<{ n: string }[]>('select count(*) as n from head_to_check'))[0]?.n);

it('notes how far a chain is signed, in whatever order its heads arrive, and reports nothing', async () => {
  const first = [started(), head()];
  const second = [started(), started(), head()];
  key = await relayKey(node); // renewed
  const third = [started(), head()];
  await storeFacts(database, third);
  await check();
  expect(await signedThrough()).toBe(6);
  await storeFacts(database, first);
  await storeFacts(database, [...second, ...first]);
  await check();
  expect([await signedThrough(), await found(), await left()]).toEqual([6, [], 0]);
});

it('notes how far the chain of a service is signed', async () => {
  const service: ChainedService = 'health';
  const by = await makeKey({ kind: 'service', organizationId, service });
  const begin = fact(`audit.v1.service.started.${service}`, { service }, service);
  await storeFacts(database, [begin, fact(serviceHeadSubject(service), signed(by, service, {}, Date.now()), service)]);
  await check();
  expect([await signedThrough(service), await found(service)]).toEqual([1, []]);
});

it('waits with heads until it has an authority to check them with', async () => {
  await storeFacts(database, [started(), head()]);
  expect([await signedThrough(), await left()]).toEqual([0, 1]);
  await check();
  expect([await signedThrough(), await left()]).toEqual([1, 0]);
});

it('reports a signature by another key, another relay, another authority, or a service, and that the clock was put back', async () => {
  const other = await createAuthority(organizationId, new Date());
  const keys = [
    await relayKey(randomUUID()),
    await relayKey(node, other),
    await makeKey({ kind: 'gateway', organizationId, nodeId: node }),
    await makeKey({ kind: 'service', organizationId, service: 'audit' }),
  ];
  const at = Date.now();
  await storeFacts(database, [
    started(),
    head({ at }),
    ...keys.map((by) => head({ by })),
    head({ signature: 'A'.repeat(86) + '==' }),
  ]);
  await check();
  const [first, more] = await found();
  expect([await signedThrough(), first?.number, first?.reason]).toEqual([
    1,
    3,
    'the head was signed with a certificate that is not of its author',
  ]);
  expect([more?.findings, more?.last]).toEqual([4, 7]);
  await storeFacts(database, [started(), head({ at: at - 1 })]);
  await check();
  expect(await signedThrough()).toBe(8);
  expect((await found()).reduce((sum, { findings }) => sum + findings, 0)).toBe(6);
});

it('reports a head that is not one, and checks the others of its batch', async () => {
  const nonsense = fact(relayHeadSubject('default', node), { through: 'all', hash: 1, at: '\u0000' });
  await storeFacts(database, [nonsense, started(), head()]);
  await check();
  expect([await signedThrough(), await left()]).toEqual([2, 0]);
  expect(await found()).toMatchObject([
    { number: 1, reason: expect.stringMatching(/^the head is malformed: through /) as string },
  ]);
});

it('checks the heads of other authors while one has very many', async () => {
  const flooding = node;
  await storeFacts(database, [started(), ...Array.from({ length: 1200 }, () => head())]);
  const others: string[] = [];
  for (let i = 0; i < 3; i++) {
    [node, incarnation, previous, number] = [randomUUID(), randomUUID(), FIRST_PREVIOUS, 0];
    key = await relayKey(node);
    others.push(node);
    await storeFacts(database, [started(), head()]);
  }
  await check();
  const waiting = await database.query<{ author: string }[]>('select distinct author from head_to_check');
  expect(waiting).toEqual([{ author: flooding }]);
  await database.query('delete from head_to_check');
});

it('checks each head once when several copies of the service do so at the same time', async () => {
  const facts = [started(), ...Array.from({ length: 150 }, () => head())];
  await storeFacts(database, [...facts, head({ signature: 'A'.repeat(86) + '==' })]);
  await Promise.all([check(), check(), check()]);
  await check();
  expect([await signedThrough(), await left()]).toEqual([150, 0]);
  expect((await found()).reduce((sum, { findings }) => sum + findings, 0)).toBe(1);
});

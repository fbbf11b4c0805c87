import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Envelope, headText, relayStartedSubject, SignedHead } from '@sluice/contracts';
import { CertificateVerifier, makeKeyPair, OwnIdentity } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HeadSigner } from './head-signer.js';
import { Journal } from './journal.js';

const relay = { id: randomUUID(), cluster: 'default' };
const organizationId = randomUUID();
const authority = await createAuthority(organizationId, new Date());

/** A certificate of the relay, as after a renewal. */
async function makeIdentity(): Promise<OwnIdentity> {
  const { publicPem, privatePem } = makeKeyPair();
  const { certificatePem } = await issueCertificate(
    authority,
    { kind: 'relay', organizationId, nodeId: relay.id, cluster: relay.cluster },
    createPublicKey(publicPem),
    new Date(),
    3_600_000,
  );
  return new OwnIdentity({ certificate: certificatePem, privateKey: privatePem, ca: authority.certificatePem });
}

const NEVER_MS = 1e9;
let folder: string;
let journal: Journal;
let own: OwnIdentity | undefined;
let now = 0;
let room = true;
const signers: HeadSigner[] = [];
const makeSigner = (everyMs = NEVER_MS): HeadSigner => {
  const signer = new HeadSigner(
    journal,
    relay,
    () => own,
    () => room,
    () => now,
    everyMs,
  );
  signers.push(signer);
  return signer;
};
const say = () => journal.append(relayStartedSubject(relay.cluster, relay.id), undefined, { some: 'fact' }, new Date());
const facts = async () => {
  await journal.flush();
  return [...journal.since(0)].map(({ bytes }) => ({ bytes, body: Envelope.parse(JSON.parse(bytes.toString())) }));
};
const heads = async () =>
  (await facts())
    .filter(({ body }) => body.type === 'sluice.relay.head.v1')
    .map(({ body }) => ({ body, head: SignedHead.parse(body.data) }));
const covered = async () => (await heads()).map(({ head }) => head.through);

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-heads-'));
  journal = await Journal.open(folder, relay.id);
  own = await makeIdentity();
  [now, room] = [0, true];
});
afterEach(async () => {
  for (const signer of signers.splice(0)) signer.stop();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

it('signs the number and hash of the fact before the head, with the certificate of the moment', async () => {
  await say();
  const signer = makeSigner();
  own = await makeIdentity();
  await say();
  signer.sign();
  const all = await facts();
  const [first, second] = await heads();
  expect([first?.head.through, second?.head.through]).toEqual([1, 3]);
  for (const { body, head } of await heads()) {
    expect(body.number).toBe(head.through + 1);
    expect(head.hash).toBe(body.previous);
    expect(head.hash).toBe(
      createHash('sha256')
        .update(all[head.through - 1]?.bytes as Buffer)
        .digest('hex'),
    );
    const certificate = new CertificateVerifier(authority.certificatePem).verify(Buffer.from(head.certificate, 'base64'));
    expect(certificate.identity).toMatchObject({ kind: 'relay', nodeId: relay.id });
    const text = headText(relay.id, journal.incarnation, head);
    const signature = Buffer.from(head.signature, 'base64');
    expect(certificate.signed(Buffer.from(text), signature)).toBe(true);
    expect(certificate.signed(Buffer.from(text.replace(head.hash, '0'.repeat(64))), signature)).toBe(false);
  }
  expect(first?.head.certificate).not.toBe(second?.head.certificate);
});

it('signs what an earlier run left, and nothing where there is no news until that was long ago', async () => {
  await say();
  makeSigner().stop();
  const signer = makeSigner();
  signer.sign();
  now += 599_999;
  signer.sign();
  expect(await covered()).toEqual([1, 2]);
  now += 1;
  signer.sign();
  expect(await covered()).toEqual([1, 2, 3]);
});

it('signs after a thousand facts without waiting, by itself at intervals, and at the end', { timeout: 60_000 }, async () => {
  await say();
  const signer = makeSigner();
  await Promise.all(Array.from({ length: 1001 }, say));
  expect(await covered()).toEqual([1, 1003]);
  await say();
  signer.stop();
  expect(await covered()).toEqual([1, 1003, 1005]);
  await say();
  signer.sign();
  expect(await covered()).toHaveLength(3); // it has ended
  makeSigner(5);
  const { number } = await say();
  await expect.poll(async () => (await covered()).at(-1), { timeout: 20_000 }).toBeGreaterThanOrEqual(number);
});

it('leaves the reserve of a full journal to the ends of sessions', async () => {
  await say();
  room = false;
  const signer = makeSigner();
  expect(await covered()).toEqual([]);
  room = true;
  signer.sign();
  expect(await covered()).toEqual([1]);
});

it('signs nothing with a certificate whose authority was retired', async () => {
  await say();
  own = undefined;
  makeSigner().stop();
  expect(await covered()).toEqual([]);
  expect(await facts()).toHaveLength(1);
});

import { createPublicKey, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthorityRecord, NodeCredentials } from '@sluice/contracts';
import {
  endorseNext,
  endorsePrevious,
  fingerprintOf,
  formatEnrolmentToken,
  makeKeyPair,
  readPrivateKey,
  signNodeCredentials,
} from '@sluice/identity';
import { type Authority, createAuthority, issueCertificate } from '@sluice/identity/authority';
import { testFolder } from '@sluice/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RelayConfig } from '../config.js';
import { NodeIdentity } from './node-identity.js';

const organizationId = randomUUID();
const nodeId = randomUUID();
let first: Authority;
let second: Authority;
let planted: Authority;
/** The first authority and the second, which endorse each other. */
let records: AuthorityRecord[];
let api: Server;
/** Whose certificates the API issues, the signer first, with what it says about them; or the code of a problem. */
let answer: { signers: readonly Authority[]; authorities?: AuthorityRecord[] } | string;
/** What the gateway makes of the credentials of the registry. */
let altered: (credentials: NodeCredentials) => NodeCredentials | Promise<NodeCredentials>;
let warned: string[];
const warn = ({ err }: { err: Error }) => warned.push(err.message);
const log = { warn, error: warn, info: () => undefined } as never;

const record = (of: Authority): AuthorityRecord => ({
  certificate: of.certificatePem,
  acceptedUntil: null,
  endorsesNext: null,
  endorsesPrevious: null,
});
const print = (of: Authority) => fingerprintOf(of.certificatePem);

beforeAll(async () => {
  [first, second, planted] = (await Promise.all([0, 1, 2].map(() => createAuthority(organizationId, new Date())))) as [
    Authority,
    Authority,
    Authority,
  ];
  const endorsesNext = endorseNext(readPrivateKey(first.privatePem), print(first), print(second));
  const acceptedUntil = new Date(Date.now() + 3600_000).toISOString();
  const endorsesPrevious = endorsePrevious(readPrivateKey(second.privatePem), print(second), print(first), acceptedUntil);
  records = [
    { ...record(first), acceptedUntil, endorsesNext },
    { ...record(second), endorsesPrevious },
  ];
});

beforeEach(async () => {
  warned = [];
  altered = (credentials) => credentials;
  api = createServer((request, response) => {
    void request.toArray().then(async (chunks) => {
      const { publicKey } = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as { publicKey: string };
      const isProblem = typeof answer === 'string';
      response.writeHead(isProblem ? 401 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isProblem ? problem(answer as string) : await altered(await credentials(publicKey))));
    });
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
});
afterEach(() => void api.close());

const problem = (code: string) => ({
  type: 'about:blank',
  status: 401,
  title: 'it is of an authority that was retired',
  code,
  requestId: randomUUID(),
});

async function credentials(publicKey: string): Promise<NodeCredentials> {
  const { signers, authorities } = answer as Exclude<typeof answer, string>;
  const relay = { kind: 'relay', organizationId, nodeId, cluster: 'default' } as const;
  const [signer] = signers as [Authority];
  const { certificatePem } = await issueCertificate(signer, relay, createPublicKey(publicKey), new Date(), 86_400_000);
  const ca = signers.map(({ certificatePem: pem }) => pem).join('');
  const stated = {
    ...{ nodeId, name: 'relay-1', organizationId, cluster: 'default', certificate: certificatePem, ca, gateways: [] },
    ...{ nats: { servers: ['nats://127.0.0.1:4222'], jwt: 'none' }, ...(authorities && { authorities }) },
  };
  return { ...stated, signature: signNodeCredentials(readPrivateKey(signer.privatePem), stated) };
}

const gateway = () => `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
const tokenOf = (authority: Authority) =>
  formatEnrolmentToken({ gateway: gateway(), caFingerprint: print(authority), secret: 'secret' });
/** A token of a release whose registry signed no credentials. */
const olderToken = () =>
  `sluice-node-${Buffer.from(JSON.stringify({ gateway: gateway(), caFingerprint: print(first), secret: 'secret' })).toString('base64url')}`;

/** Enrols a relay with a token that pins the first authority, and renews once, as each start does. */
function enrolled(token = tokenOf(first)): Promise<NodeIdentity> {
  const home = testFolder('relay');
  return NodeIdentity.load(new RelayConfig({ SLUICE_RELAY_HOME: home, SLUICE_ENROLMENT_TOKEN: token }), log);
}

describe('a relay with a token that pins an authority', () => {
  it('enrols while another one signs that the pinned one endorses, and accepts both', async () => {
    answer = { signers: [second, first], authorities: records };
    const identity = await enrolled();
    expect(identity.own.authority.fingerprints).toEqual([print(second), print(first)]);
    expect(warned).toEqual([]);
    identity.stop();
  });

  it('does not enrol with an authority that the pinned one does not endorse, as signer or beside it', async () => {
    const named = [...records, record(planted)];
    for (const signers of [[planted], [planted, first], [first, planted]]) {
      answer = { signers, authorities: named };
      await expect(enrolled()).rejects.toThrow('do not follow from the certificate authority that the token names');
    }
  });
});

describe('an enrolled relay', () => {
  it('renews when others are accepted, and keeps what it has if one of them is not endorsed', async () => {
    answer = { signers: [first] };
    const identity = await enrolled();
    answer = { signers: [planted, first], authorities: [...records, record(planted)] };
    await identity.renewNow();
    expect(identity.own.authority.fingerprints).toEqual([print(first)]);
    expect(warned).toEqual([expect.stringContaining(`${print(planted)} is not endorsed`)]);
    answer = { signers: [first, second], authorities: records };
    const renewed = new Promise<void>((resolve) => identity.afterRenewal(resolve));
    identity.followAuthorities([print(first), print(second)]);
    await renewed;
    expect(identity.own.authority.fingerprints).toEqual([print(first), print(second)]);
    identity.stop();
  }, 20_000);

  it('keeps the former authority no longer than the one that signs has said, even if a gateway never mentions the end', async () => {
    answer = { signers: [second, first], authorities: records };
    const identity = await enrolled();
    for (const authorities of [undefined, [], records.slice(1)]) {
      answer = { signers: [second, first], ...(authorities && { authorities }) };
      warned = [];
      await identity.renewNow();
      expect(warned).toEqual([expect.stringContaining(`${print(first)} is not endorsed`)]);
    }
    identity.stop();
  });

  it('is lost when the authority of its certificate was retired', async () => {
    answer = { signers: [first] };
    const identity = await enrolled();
    answer = 'authority_retired';
    const lost = new Promise<string>((resolve) => identity.onLost(resolve));
    await identity.renewNow();
    expect(warned).toEqual(['it is of an authority that was retired']); // at its start it asks again, until the policy has been heard
    identity.doubtGateways(() => false);
    await identity.renewNow();
    expect(await lost).toBe('it is of an authority that was retired');
  });
});

it('believes at its start that it was deleted once it has heard nothing of the policy for fifteen seconds', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  answer = { signers: [first] };
  const identity = await enrolled();
  const lost: string[] = [];
  identity.onLost((why) => lost.push(why));
  answer = 'node_deleted';
  vi.advanceTimersByTime(14_999);
  await identity.renewNow();
  expect(lost).toEqual([]);
  vi.advanceTimersByTime(1);
  await identity.renewNow();
  expect(lost).toEqual(['this relay was deleted']);
  vi.useRealTimers();
});

describe('a relay that renews through a gateway that was taken over', () => {
  let identity: NodeIdentity;
  let before: NodeCredentials;
  beforeEach(async () => {
    answer = { signers: [first] };
    identity = await enrolled();
    before = identity.credentials;
  });
  afterEach(() => identity.stop());

  /** Renews, and expects that the relay keeps what it has. */
  async function refuses(why: string, alter: typeof altered): Promise<void> {
    altered = alter;
    warned = [];
    await identity.renewNow();
    expect(warned).toEqual([why]);
    expect(identity.credentials).toEqual(before);
  }

  it('keeps its credentials if something is not what the authority has signed: the bus, its authority or user, a gateway, a name', async () => {
    const bus = 'nats://192.0.2.1:4222';
    for (const change of [
      { nats: { ...before.nats, servers: [bus] } },
      { nats: { ...before.nats, ca: planted.certificatePem } },
      { nats: { ...before.nats, jwt: 'another' } },
      { gateways: [{ id: randomUUID(), address: '192.0.2.1:1' }] },
      { name: 'another' },
      { signature: undefined },
      { signature: 'AAAA' },
    ])
      await refuses('the authority has not signed these credentials', (credentials) => ({ ...credentials, ...change }));
  });

  it('keeps its credentials if the certificate is of another key, of another node, or of nobody', async () => {
    await refuses('the certificate is of another key', () => credentials(makeKeyPair().publicPem));
    await refuses('the certificate is of another key', () => before);
    await refuses('the certificate was not issued by this installation', (of) => ({
      ...of,
      certificate: planted.certificatePem,
    }));
    const another = { kind: 'relay', organizationId, nodeId: randomUUID(), cluster: 'default' } as const;
    const { certificatePem } = await issueCertificate(
      first,
      another,
      createPublicKey(makeKeyPair().publicPem),
      new Date(),
      86_400_000,
    );
    await refuses('the certificate is of another node', (of) => ({ ...of, certificate: certificatePem }));
  });

  it.each(['node_deleted', 'authority_retired'])('is not lost by the answer %s while the registry knows it', async (code) => {
    const lost: string[] = [];
    identity.onLost((why) => lost.push(why));
    let isKnown = true;
    identity.doubtGateways(() => isKnown);
    answer = code;
    await identity.renewNow();
    expect([lost, warned]).toEqual([[], [problem(code).title]]);
    isKnown = false;
    await identity.renewNow();
    expect(lost).toHaveLength(1);
  });

  it('accepts credentials without a signature with a token of an older release, until it has some with one', async () => {
    const unsigned: typeof altered = ({ signature: _, ...of }) => of;
    altered = unsigned;
    await expect(enrolled()).rejects.toThrow('the authority has not signed these credentials'); // with a token of this release
    const older = await enrolled(olderToken());
    expect([older.credentials.signature, warned]).toEqual([undefined, []]);
    altered = (of) => of;
    await older.renewNow();
    const { signature } = older.credentials;
    expect(signature).toBeDefined();
    altered = unsigned;
    await older.renewNow();
    expect([older.credentials.signature, warned]).toEqual([signature, ['the authority has not signed these credentials']]);
    older.stop();
  });
});

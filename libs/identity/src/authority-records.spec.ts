import { createPublicKey, randomUUID } from 'node:crypto';
import type { AuthorityRecord } from '@sluice/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, issueCertificate } from './authority.js';
import { assertAuthorities, endorseNext, endorsePrevious, provenAuthorities } from './authority-records.js';
import { fingerprintOf, makeKeyPair, readPrivateKey } from './key-pair.js';
import { CertificateVerifier } from './verify-certificate.js';

const organizationId = randomUUID();
const relay = { kind: 'relay', organizationId, nodeId: randomUUID(), cluster: 'default' } as const;
let made: Authority[];
let prints: string[];
let records: AuthorityRecord[];

const keyOf = (at: number) => readPrivateKey((made[at] as Authority).privatePem);
const print = (at: number) => prints[at] as string;

beforeAll(async () => {
  made = await Promise.all([0, 1, 2].map(() => createAuthority(organizationId, new Date())));
  prints = made.map(({ certificatePem }) => fingerprintOf(certificatePem));
  const retiredAt = new Date().toISOString();
  records = made.map(({ certificatePem }, at) => ({
    certificate: certificatePem,
    retiredAt: at === 0 ? retiredAt : null,
    endorsesNext: at === 2 ? null : endorseNext(keyOf(at), print(at), print(at + 1)),
    endorsesPrevious: at === 0 ? null : endorsePrevious(keyOf(at), print(at), print(at - 1), at === 1 ? retiredAt : null),
  }));
});

const provenBy = (pin: number, of: readonly AuthorityRecord[] = records) =>
  provenAuthorities(new Set([print(pin)]), of).map(({ certificate }) => prints.indexOf(fingerprintOf(certificate)));

async function issuedBy(at: number): Promise<Buffer> {
  const key = createPublicKey(makeKeyPair().publicPem);
  const { certificatePem } = await issueCertificate(made[at] as Authority, relay, key, new Date(), 60_000);
  return Buffer.from(certificatePem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

describe('authorities that endorse each other', () => {
  it('all follow from each of them', () => {
    expect([provenBy(0), provenBy(1), provenBy(2)]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  it('do not follow from one that is not among them, whatever they say about each other', () => {
    expect(provenAuthorities(new Set(['0'.repeat(64)]), records)).toEqual([]);
  });

  it('do not follow where a signature is missing, or is that of another text', () => {
    const [first, second, third] = records as [AuthorityRecord, AuthorityRecord, AuthorityRecord];
    expect(provenBy(0, [first, { ...second, endorsesNext: null }, third])).toEqual([0, 1]);
    expect(provenBy(0, [{ ...first, endorsesNext: second.endorsesNext }, second, third])).toEqual([0]);
    expect(provenBy(2, [first, second, { ...third, endorsesPrevious: second.endorsesPrevious }])).toEqual([2]);
    expect(provenBy(0, [first, third])).toEqual([0]); // one in between is missing
    expect(provenBy(1, [{ ...first, retiredAt: null }, second, third])).toEqual([1, 2]); // another time than was signed
  });

  it('are accepted in a renewal, and one that nobody endorses is not, nor is a bundle that contains it', async () => {
    const planted = await createAuthority(organizationId, new Date());
    const of = (...at: number[]) => at.map((each) => (made[each] as Authority).certificatePem).join('');
    expect(() => assertAuthorities([print(0)], { ca: of(1, 0), authorities: records })).not.toThrow();
    expect(() => assertAuthorities([print(0)], { ca: of(0) })).not.toThrow(); // from an older release
    expect(() => assertAuthorities([print(0)], { ca: of(1) })).toThrow(`${print(1)} is not endorsed`);
    expect(() => assertAuthorities([print(0)], { ca: of(0) + planted.certificatePem, authorities: records })).toThrow(
      'is not endorsed',
    );
  });
});

describe('a verifier with several authorities', () => {
  it('accepts certificates of each of them, and says which one has issued them', async () => {
    const verifier = new CertificateVerifier(made[1]?.certificatePem + (made[0]?.certificatePem ?? ''));
    expect(verifier.fingerprints).toEqual([print(1), print(0)]);
    expect([verifier.verify(await issuedBy(0)).authority, verifier.verify(await issuedBy(1)).authority]).toEqual([
      print(0),
      print(1),
    ]);
    const foreign = await issuedBy(2);
    expect(() => verifier.verify(foreign)).toThrow('not issued by this installation');
  });

  it('accepts nothing of a retired one that was signed after it was retired', async () => {
    const certificate = (made[0] as Authority).certificatePem;
    const retiredAt = Date.now() + 1000;
    const verifier = new CertificateVerifier([{ certificate, retiredAt }]);
    const issued = await issuedBy(0);
    expect(verifier.verify(issued, retiredAt)).toMatchObject({ authority: print(0) });
    expect(() => verifier.verify(issued, retiredAt + 1)).toThrow('its authority was retired at');
  });
});

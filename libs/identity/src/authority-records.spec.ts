import { execFileSync } from 'node:child_process';
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

const HOUR_MS = 3600_000;
const now = Date.now();
/** The first one is accepted for another hour, the second one for two. */
const until = (at: number) => new Date(now + (at + 1) * HOUR_MS).toISOString();
const keyOf = (at: number) => readPrivateKey((made[at] as Authority).privatePem);
const print = (at: number) => prints[at] as string;

beforeAll(async () => {
  made = await Promise.all([0, 1, 2].map(() => createAuthority(organizationId, new Date())));
  prints = made.map(({ certificatePem }) => fingerprintOf(certificatePem));
  records = made.map(({ certificatePem }, at) => ({
    certificate: certificatePem,
    acceptedUntil: at === 2 ? null : until(at),
    endorsesNext: at === 2 ? null : endorseNext(keyOf(at), print(at), print(at + 1)),
    endorsesPrevious: at === 0 ? null : endorsePrevious(keyOf(at), print(at), print(at - 1), until(at - 1)),
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
    expect(provenBy(1, [{ ...first, acceptedUntil: until(2) }, second, third])).toEqual([1, 2]); // another time than was signed
    expect(provenBy(1, [{ ...first, acceptedUntil: null }, second, third])).toEqual([1, 2]); // or none
  });

  it('are accepted until the time that the one after them has signed, and the last one without a limit', () => {
    const limits = (pin: number) => provenAuthorities(new Set([print(pin)]), records).map(({ acceptedUntil }) => acceptedUntil);
    const expected = [now + HOUR_MS, now + 2 * HOUR_MS, Number.POSITIVE_INFINITY];
    expect([limits(0), limits(1), limits(2)]).toEqual([expected, expected, expected]);
  });

  it('cannot extend with their keys their own time, nor that of another one', async () => {
    const [first, second] = records as [AuthorityRecord, AuthorityRecord];
    const planted = await createAuthority(organizationId, new Date());
    const endorsed = endorsePrevious(keyOf(0), print(0), fingerprintOf(planted.certificatePem), until(9));
    const before = { certificate: planted.certificatePem, acceptedUntil: until(9), endorsesNext: null, endorsesPrevious: null };
    const limits = (list: readonly AuthorityRecord[]) =>
      provenAuthorities(new Set([print(1)]), list).map(({ acceptedUntil }) => acceptedUntil);
    expect(limits([before, { ...first, endorsesPrevious: endorsed }, second])).toEqual([
      ...[now + HOUR_MS, now + HOUR_MS, Number.POSITIVE_INFINITY],
    ]);
    const twice = provenAuthorities(new Set([print(0), print(1)]), [first, first, second]);
    expect(twice.map(({ acceptedUntil }) => acceptedUntil)).toEqual([now + HOUR_MS, Number.POSITIVE_INFINITY]);
  });

  it('are left out if their key is not on P-256', () => {
    const request = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=other', '-days', '1'];
    const other = execFileSync('openssl', request, { encoding: 'utf8', stdio: 'pipe' });
    const list = [{ certificate: other, acceptedUntil: null, endorsesNext: null, endorsesPrevious: null }];
    expect(provenAuthorities(new Set([fingerprintOf(other)]), list)).toEqual([]);
  });

  it('are accepted in a renewal, and one that nobody endorses is not, nor is a bundle that contains it', async () => {
    const planted = await createAuthority(organizationId, new Date());
    const of = (...at: number[]) => at.map((each) => (made[each] as Authority).certificatePem).join('');
    expect(() => assertAuthorities(print(0), { ca: of(1, 0), authorities: records })).not.toThrow();
    expect(() => assertAuthorities(print(0), { ca: of(0) })).not.toThrow(); // from an older release
    expect(() => assertAuthorities(print(0), { ca: of(1) })).toThrow(`${print(1)} is not endorsed`);
    expect(() => assertAuthorities(print(0), { ca: of(0) + planted.certificatePem, authorities: records })).toThrow(
      'is not endorsed',
    );
    const later = (ms: number) => () => assertAuthorities(print(1), { ca: of(1, 0), authorities: records }, now + ms);
    expect(later(HOUR_MS - 1)).not.toThrow();
    expect(later(HOUR_MS)).toThrow(`${print(0)} is not accepted since`);
  });

  it('are accepted in a renewal only if the signer says until when, and one that was replaced vouches for nobody any more', async () => {
    const planted = await createAuthority(organizationId, new Date());
    const plantedPrint = fingerprintOf(planted.certificatePem);
    const [first, second] = records as [AuthorityRecord, AuthorityRecord];
    const renew = (authorities: readonly AuthorityRecord[], ...others: Authority[]) => {
      const ca = [made[1] as Authority, ...others].map(({ certificatePem }) => certificatePem).join('\n');
      return () => assertAuthorities(print(1), { ca, authorities });
    };
    expect(renew([first, second], made[0] as Authority)).not.toThrow();
    expect(renew([second], made[0] as Authority)).toThrow(`${print(0)} is not endorsed`); // the limit was left out
    expect(renew([], made[0] as Authority)).toThrow(`${print(0)} is not endorsed`);
    const stolen = { ...first, acceptedUntil: null, endorsesNext: endorseNext(keyOf(0), print(0), plantedPrint) };
    const next = { certificate: planted.certificatePem, acceptedUntil: null, endorsesNext: null, endorsesPrevious: null };
    expect(renew([stolen, next], planted)).toThrow(`${plantedPrint} is not endorsed`);
    expect(renew([first, second, stolen, next], planted)).toThrow(`${plantedPrint} is not endorsed`);
  });

  it('are refused in a renewal beside anything that another reader of PEM takes for a certificate', async () => {
    const planted = await createAuthority(organizationId, new Date());
    const other = planted.certificatePem.replace(/CERTIFICATE/g, 'TRUSTED CERTIFICATE');
    expect(() => assertAuthorities(print(0), { ca: `${(made[0] as Authority).certificatePem}\n${other}` })).toThrow(
      'something else than certificates',
    );
  });

  it('do not follow if there is more in the text of one than one certificate', () => {
    const [first, second, third] = records as [AuthorityRecord, AuthorityRecord, AuthorityRecord];
    for (const certificate of [`${second.certificate.trim()}\n${third.certificate}`, `${second.certificate.trim()}\nmore`])
      expect(provenBy(0, [first, { ...second, certificate }, third])).toEqual([0]);
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

  it('accepts nothing of one that was signed after its time', async () => {
    const certificate = (made[0] as Authority).certificatePem;
    const acceptedUntil = Date.now() + 1000;
    const verifier = new CertificateVerifier([{ certificate, acceptedUntil }]);
    const issued = await issuedBy(0);
    expect(verifier.verify(issued, acceptedUntil)).toMatchObject({ authority: print(0) });
    expect(() => verifier.verify(issued, acceptedUntil + 1)).toThrow('its authority is not accepted after');
  });
});

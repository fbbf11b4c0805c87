import { createPublicKey, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Authority, createAuthority, issueCertificate } from './authority.js';
import { fingerprintOf } from './key-pair.js';
import { ServiceIdentity } from './service-identity.js';

const organizationId = randomUUID();
const name = { kind: 'service', organizationId, service: 'audit' } as const;
const ASKED_EVERY_MS = 20_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('keeps its certificate until the authorities change, and then has one of the authority that signs', async () => {
  const [first, second] = [await createAuthority(organizationId, new Date()), await createAuthority(organizationId, new Date())];
  let signing: readonly Authority[] = [first];
  let asked = 0;
  const identity = new ServiceIdentity(
    'audit',
    async (publicKey) => {
      asked++;
      const [signer] = signing as [Authority];
      const { certificatePem } = await issueCertificate(signer, name, createPublicKey(publicKey), new Date(), 86_400_000);
      return { certificate: certificatePem, ca: signing.map(({ certificatePem: pem }) => pem).join('') };
    },
    (error) => expect(error).toBeUndefined(),
  );
  identity.start();
  const signs = () => identity.signHead({ incarnation: 'a', through: 1, hash: '0'.repeat(64) })?.certificate;
  const askedAgain = async () => {
    const before = asked;
    await vi.advanceTimersByTimeAsync(ASKED_EVERY_MS);
    await vi.waitFor(() => expect(asked).toBe(before + 1));
    await vi.advanceTimersByTimeAsync(0);
  };
  await vi.waitFor(() => expect(signs()).toBeDefined());
  const before = signs();
  await askedAgain();
  expect(signs()).toBe(before);
  signing = [second, first];
  await askedAgain();
  await vi.waitFor(() => expect(signs()).not.toBe(before));
  const verified = identity.authority?.verify(Buffer.from(signs() ?? '', 'base64'));
  expect(verified).toMatchObject({ identity: name, authority: fingerprintOf(second.certificatePem) });
  expect(identity.authority?.verify(Buffer.from(before ?? '', 'base64')).authority).toBe(fingerprintOf(first.certificatePem));
  identity.stop();
});

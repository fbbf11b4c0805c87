import { randomUUID } from 'node:crypto';
import { BackOff } from '@sluice/domain';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Authority, createAuthority, issueCertificate } from './authority.js';
import { makeKeyPair } from './key-pair.js';
import { OwnIdentity } from './own-identity.js';
import { readPublicKey } from './proof.js';
import { obtain, RenewingIdentity } from './renewing-identity.js';

const EVERY_MS = 60_000;
const organizationId = randomUUID();
const identity = { kind: 'gateway', organizationId, nodeId: randomUUID() } as const;
const longestWaits = () => 1; // of the random choice

let authority: Authority;
let first: { own: OwnIdentity };
beforeAll(async () => {
  authority = await createAuthority(organizationId, new Date());
  first = await certify();
});
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function certify(): Promise<{ own: OwnIdentity }> {
  const pair = makeKeyPair();
  const key = readPublicKey(pair.publicPem) as NonNullable<ReturnType<typeof readPublicKey>>;
  const { certificatePem } = await issueCertificate(authority, identity, key, new Date(), 60_000);
  return { own: new OwnIdentity({ certificate: certificatePem, privateKey: pair.privatePem, ca: authority.certificatePem }) };
}

/** An identity whose renewals wait until the test completes them, in order. */
function renewing() {
  const asked: ((answer: { own: OwnIdentity } | Error) => void)[] = [];
  const failures: unknown[] = [];
  const renewed = new RenewingIdentity(first, {
    renew: () =>
      new Promise((resolve, reject) => asked.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))),
    everyMs: EVERY_MS,
    backOff: new BackOff(1000, 4000, longestWaits),
    onFailed: (error) => failures.push(error),
  });
  /** Completes the latest renewal, and waits until the result was applied. */
  const answer = async (outcome: { own: OwnIdentity } | Error) => {
    asked.at(-1)?.(outcome);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { renewed, asked, failures, answer };
}

describe('an identity that is renewed', () => {
  it('is renewed again and again, and reports each time', async () => {
    const { renewed, asked, answer } = renewing();
    const reported: OwnIdentity[] = [];
    renewed.afterRenewal(() => reported.push(renewed.own));
    const [second, third] = [await certify(), await certify()];
    for (const next of [second, third]) {
      await vi.advanceTimersByTimeAsync(EVERY_MS - 1);
      const before = asked.length;
      await vi.advanceTimersByTimeAsync(1);
      expect(asked.length).toBe(before + 1);
      await answer(next);
    }
    expect(reported).toEqual([second.own, third.own]);
    renewed.stop();
    await vi.advanceTimersByTimeAsync(10 * EVERY_MS);
    expect(asked.length).toBe(2);
  });

  it('is kept when a renewal fails, which is retried with growing delays until it succeeds', async () => {
    const { renewed, asked, failures, answer } = renewing();
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    for (const waitMs of [1000, 2000, 4000, 4000]) {
      const before = asked.length;
      await answer(new Error('no answer'));
      expect(renewed.own).toBe(first.own);
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(asked.length).toBe(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(asked.length).toBe(before + 1);
    }
    await answer(await certify());
    expect(renewed.own).not.toBe(first.own);
    expect(failures.length).toBe(4);
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    await answer(new Error('no answer'));
    await vi.advanceTimersByTimeAsync(1000); // the delays are short again
    expect(asked.length).toBe(7);
    renewed.stop();
  });

  it('has one renewal at a time; a renewal that is requested meanwhile follows, and there is one timer afterwards', async () => {
    const { renewed, asked, answer } = renewing();
    const done = renewed.renewNow();
    void renewed.renewNow();
    void renewed.renewNow();
    await vi.advanceTimersByTimeAsync(2 * EVERY_MS);
    expect(asked.length).toBe(1);
    await answer(await certify());
    expect(asked.length).toBe(2); // the first may have completed before the second was requested
    await answer(await certify());
    await done;
    expect([asked.length, vi.getTimerCount()]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(asked.length).toBe(3);
    renewed.stop();
  });

  it('is not renewed any more after it was stopped, even during a renewal or by its failure', async () => {
    const { renewed, asked, answer } = renewing();
    void renewed.renewNow();
    renewed.stop();
    await answer(new Error('deleted'));
    await renewed.renewNow();
    expect([asked.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

describe('a first identity', () => {
  it('is requested with growing delays until there is one', async () => {
    let attempts = 0;
    const answer = obtain(
      () => (++attempts < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(attempts)),
      new BackOff(100, 1000, longestWaits),
      () => undefined,
    );
    await vi.advanceTimersByTimeAsync(99);
    expect(attempts).toBe(1);
    await vi.advanceTimersByTimeAsync(1 + 200);
    expect(await answer).toBe(3);
  });

  it('is given up with the error that the caller throws after a failure', async () => {
    const refused = new Error('refused');
    const attempt = obtain(
      () => Promise.reject(refused),
      new BackOff(100, 1000),
      (error) => {
        throw error;
      },
    );
    await expect(attempt).rejects.toBe(refused);
  });

  it('is given up at once, also between two attempts, when the process stops', async () => {
    const stopping = new AbortController();
    let failures = 0;
    const attempt = obtain(
      () => Promise.reject(new Error('not yet')),
      new BackOff(30_000, 30_000, longestWaits),
      () => void failures++,
      stopping.signal,
    );
    await vi.advanceTimersByTimeAsync(1);
    stopping.abort();
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
    expect([failures, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

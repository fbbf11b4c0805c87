import { createHash } from 'node:crypto';
import { Envelope, FIRST_PREVIOUS, type SignedHead } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { FactChain } from './fact-chain.js';

const fact = (name: string) => ({ subject: 'audit.v1.activity.user.added', about: name, at: new Date(0), data: { name } });

it('keeps one unbroken chain when publishing fails, and when facts are published concurrently', async () => {
  const taken: Uint8Array[] = [];
  let down = false;
  const chain = new FactChain('registry', async (_, bytes) => {
    taken.push(bytes); // JetStream may have stored it although the acknowledgement was lost
    if (down) throw new Error('no acknowledgement');
  });
  await chain.publish('a', fact('a'));
  down = true;
  await expect(chain.publish('b', fact('b'))).rejects.toThrow('no acknowledgement');
  down = false;
  await chain.publish('c', fact('c'));
  await chain.publish('b', fact('b'));
  await chain.publish('d', fact('d'));
  const distinct = [...new Map(taken.map((bytes) => [createHash('sha256').update(bytes).digest('hex'), bytes]))];
  const facts = distinct.map(([, bytes]) => Envelope.parse(JSON.parse(Buffer.from(bytes).toString())));
  expect(facts.map(({ number, subject }) => [number, subject])).toEqual([
    [1, undefined],
    [2, 'a'],
    [3, 'b'],
    [4, 'c'],
    [5, 'd'],
  ]);
  expect(facts.map(({ previous }) => previous)).toEqual([FIRST_PREVIOUS, ...distinct.slice(0, -1).map(([hash]) => hash)]);
});

it('publishes concurrent facts one after the other', async () => {
  const taken: Envelope[] = [];
  const chain = new FactChain('health', async (_, bytes) => {
    await new Promise((resolve) => setImmediate(resolve));
    taken.push(Envelope.parse(JSON.parse(Buffer.from(bytes).toString())));
  });
  await Promise.all(['a', 'b', 'c'].map((name) => chain.publish(name, fact(name))));
  expect(taken.map(({ number, subject }) => [number, subject])).toEqual([
    [1, undefined],
    [2, 'a'],
    [3, 'b'],
    [4, 'c'],
  ]);
  expect(new Set(taken.map(({ source }) => source))).toEqual(new Set(['sluice://health']));
});

/** A chain that is signed, and the facts that were published. */
function signedChain() {
  const taken: Uint8Array[] = [];
  const at = { now: 0, keys: 1, down: false };
  const chain = new FactChain(
    'health',
    async (_, bytes) => {
      if (at.down) throw new Error('no acknowledgement');
      taken.push(bytes);
    },
    {
      sign: (end) => (at.keys > 0 ? ({ ...end, at: new Date(0).toISOString() } as unknown as SignedHead) : undefined),
      now: () => at.now,
    },
  );
  const facts = () => taken.map((bytes) => Envelope.parse(JSON.parse(Buffer.from(bytes).toString())));
  const kinds = () => facts().map(({ type, subject }) => subject ?? type.split('.')[2]);
  return { chain, at, facts, kinds };
}

it('signs the number and hash of the fact before a head', async () => {
  const { chain, facts, kinds } = signedChain();
  await chain.publish('a', fact('a'));
  await chain.sign();
  expect(kinds()).toEqual(['started', 'a', 'head']);
  const { incarnation, number, previous, data } = facts()[2] as Envelope;
  expect(data).toMatchObject({ incarnation, through: 2, hash: previous });
  expect(number).toBe(3);
});

it('signs ten seconds after the last head if there are new facts, ten minutes after it if there are none, and at the end', async () => {
  const { chain, at, kinds } = signedChain();
  await chain.sign();
  expect(kinds()).toEqual([]); // a chain that has not begun
  await chain.publish('a', fact('a'));
  await chain.sign();
  await chain.publish('b', fact('b'));
  at.now += 9999;
  await chain.sign();
  expect(kinds()).toEqual(['started', 'a', 'head', 'b']);
  at.now += 1;
  await chain.sign();
  at.now += 599_999;
  await chain.sign();
  await chain.sign({ end: true });
  expect(kinds().slice(4)).toEqual(['head']);
  at.now += 1;
  await chain.sign();
  await chain.publish('c', fact('c'));
  await chain.sign({ end: true });
  expect(kinds().slice(5)).toEqual(['head', 'c', 'head']);
});

it('signs a thousand facts without waiting, and waits for a key', async () => {
  const { chain, at, kinds } = signedChain();
  at.keys = 0;
  for (let i = 0; i < 1005; i++) await chain.publish(`${i}`, fact(`${i}`));
  await chain.sign();
  expect(kinds()).not.toContain('head');
  at.keys = 1;
  await chain.publish('next', fact('next'));
  expect(kinds().slice(-2)).toEqual(['head', 'next']);
});

it('publishes a head that was not acknowledged again, before any other fact, and loses no fact that waited with it', async () => {
  const { chain, at, facts, kinds } = signedChain();
  await chain.publish('a', fact('a'));
  at.down = true;
  await expect(chain.publish('b', fact('b'))).rejects.toThrow('no acknowledgement');
  await expect(chain.sign()).rejects.toThrow('no acknowledgement');
  at.down = false;
  await chain.sign();
  at.down = true;
  at.now += 10_000;
  await expect(chain.publish('c', fact('c'))).rejects.toThrow('no acknowledgement');
  at.down = false;
  await chain.publish('b', fact('b'));
  await chain.publish('c', fact('c'));
  expect(kinds()).toEqual(['started', 'a', 'b', 'head', 'c']);
  expect(facts().map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
});

import { createHash } from 'node:crypto';
import { Envelope, FIRST_PREVIOUS } from '@sluice/contracts';
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

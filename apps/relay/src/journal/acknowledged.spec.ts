import { expect, it } from 'vitest';
import { Acknowledged } from './acknowledged.js';

const acknowledged = (...sequences: number[]): Acknowledged => {
  const facts = new Acknowledged();
  sequences.forEach((sequence, i) => facts.take(i + 1, sequence));
  return facts;
};

it('misses nothing that waits in the stream, however often it is inspected', () => {
  const facts = acknowledged(10, 11, 15);
  for (let look = 0; look < 10; look++) expect(facts.forgetMissing({ from: 10, to: 20 })).toEqual([]);
  expect(facts.count).toBe(3);
});

it('misses what the stream has lost, in each way it can be lost, after two inspections', () => {
  for (const [how, waiting] of [
    ['the stream is another one', { from: 1, to: 0 }],
    ['its end is lost', { from: 5, to: 9 }],
    ['its beginning is too old', { from: 16, to: 20 }],
    ['other facts stand there, and are stored', { from: 30, to: 29 }],
  ] as const) {
    const facts = acknowledged(10, 11, 15);
    expect([how, facts.forgetMissing(waiting), facts.forgetMissing(waiting)]).toEqual([how, [], [1, 2, 3]]);
    expect([how, facts.has(1), facts.count]).toEqual([how, false, 0]);
  }
});

it('does not consider a fact lost that was published after the inspection, or stored without the message having arrived', () => {
  const facts = acknowledged(10, 11);
  facts.forgetMissing({ from: 11, to: 10 });
  facts.storedThrough(1);
  expect(facts.forgetMissing({ from: 11, to: 11 })).toEqual([]);
  expect([facts.has(1), facts.has(2), facts.count]).toEqual([true, true, 1]);
});

it('keeps nothing about stored facts, even when the acknowledgement arrives later', () => {
  const facts = acknowledged(10);
  facts.storedThrough(3);
  facts.take(2, 11);
  expect([facts.count, facts.has(2), facts.has(4)]).toEqual([0, true, false]);
});

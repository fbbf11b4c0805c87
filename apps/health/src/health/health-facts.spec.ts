import { createLog } from '@sluice/process';
import type { ResourceHealthChanged } from '@sluice/contracts';
import { beforeEach, expect, it } from 'vitest';
import { HealthFacts } from './health-facts.js';

const log = createLog('health');
log.level = 'silent';

/** JetStream, which takes a fact when it is told to. */
let published: ResourceHealthChanged[];
let takeOne: () => void;
let facts: HealthFacts;

beforeEach(() => {
  published = [];
  let waiting: (() => void)[] = [];
  takeOne = () => {
    const [first, ...others] = waiting;
    waiting = others;
    first?.();
  };
  facts = new HealthFacts(async (_, bytes) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    const { data } = JSON.parse(Buffer.from(bytes).toString()) as { data: ResourceHealthChanged };
    if (data.resourceId !== undefined) published.push(data); // the beginning of the chain names none
  }, log);
});

const change = (resourceId: string, state: ResourceHealthChanged['state'], why: string | null = null) =>
  facts.push({ resourceId, state, why, at: new Date(0).toISOString() });
async function takeAll(number: number): Promise<void> {
  await expect
    .poll(() => {
      takeOne();
      return published.length;
    })
    .toBe(number);
}

it('loses no change of a server because another one changes all the time, nor has it wait for more than its turn', async () => {
  change('first', 'unhealthy');
  for (let i = 0; i < 5000; i++) change('noisy', i % 2 === 0 ? 'healthy' : 'unhealthy', `change ${i}`);
  change('quiet', 'healthy');
  await takeAll(3);
  expect(published.map(({ resourceId }) => resourceId)).toEqual(['first', 'noisy', 'quiet']);
});

it('publishes the latest of the changes that waited, with the number of those that are left out', async () => {
  for (const why of ['a', 'b', 'c', 'd']) change('flips', 'unhealthy', why); // the first is being published at once
  await takeAll(2);
  expect(published.map(({ why, leftOut }) => [why, leftOut])).toEqual([
    ['a', undefined],
    ['d', 2],
  ]);
  change('flips', 'healthy', 'e');
  await takeAll(3);
  expect(published.at(-1)).not.toHaveProperty('leftOut');
});

it('keeps nothing of a server that is gone', async () => {
  change('first', 'healthy');
  change('deleted', 'unhealthy');
  change('other', 'unhealthy');
  facts.forget('deleted');
  await takeAll(2);
  expect(published.map(({ resourceId }) => resourceId)).toEqual(['first', 'other']);
});

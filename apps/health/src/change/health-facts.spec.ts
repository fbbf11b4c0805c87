import { createLog } from '@sluice/process';
import type { ResourceHealthChanged } from '@sluice/contracts';
import { beforeEach, expect, it } from 'vitest';
import { HealthFacts } from './health-facts.js';

const log = createLog('health');
log.level = 'silent';

/** A stand-in for JetStream that acknowledges a fact when the test calls `acknowledgeOne`. */
let published: ResourceHealthChanged[];
let stored: ResourceHealthChanged[];
let acknowledgeOne: () => void;
let facts: HealthFacts;

beforeEach(() => {
  published = [];
  stored = [];
  let waiting: (() => void)[] = [];
  acknowledgeOne = () => {
    const [first, ...others] = waiting;
    waiting = others;
    first?.();
  };
  facts = new HealthFacts(
    async (_, bytes) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      const { data } = JSON.parse(Buffer.from(bytes).toString()) as { data: ResourceHealthChanged };
      if (data.resourceId !== undefined) published.push(data); // the first fact of a chain names no resource
    },
    (change) => stored.push(change),
    log,
  );
});

const change = (resourceId: string, state: ResourceHealthChanged['state'], why: string | null = null) =>
  facts.push({ resourceId, state, why, at: new Date(0).toISOString() });
async function acknowledge(number: number): Promise<void> {
  await expect
    .poll(() => {
      acknowledgeOne();
      return published.length;
    })
    .toBe(number);
}

it('neither loses nor delays the change of a server because another one changes all the time', async () => {
  change('first', 'unhealthy');
  for (let i = 0; i < 5000; i++) change('noisy', i % 2 === 0 ? 'healthy' : 'unhealthy', `change ${i}`);
  change('quiet', 'healthy');
  await acknowledge(3);
  expect(published.map(({ resourceId }) => resourceId)).toEqual(['first', 'noisy', 'quiet']);
});

it('publishes the latest of the changes that waited, with the number of those that were skipped', async () => {
  for (const why of ['a', 'b', 'c', 'd']) change('flips', 'unhealthy', why); // the first is being published at once
  await acknowledge(2);
  expect(published.map(({ why, leftOut }) => [why, leftOut])).toEqual([
    ['a', undefined],
    ['d', 2],
  ]);
  change('flips', 'healthy', 'e');
  await acknowledge(3);
  expect(published.at(-1)).not.toHaveProperty('leftOut');
  await expect.poll(() => stored).toEqual(published);
});

it('does not publish the waiting change of a deleted server', async () => {
  change('first', 'healthy');
  change('deleted', 'unhealthy');
  change('other', 'unhealthy');
  facts.forget('deleted');
  await acknowledge(2);
  expect(published.map(({ resourceId }) => resourceId)).toEqual(['first', 'other']);
});

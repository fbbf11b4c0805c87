import { expect, it } from 'vitest';
import { Mutex } from './mutex.js';

it('runs one piece of work after another, also after one that failed', async () => {
  const mutex = new Mutex();
  const steps: string[] = [];
  const first = mutex.run(async () => {
    steps.push('first begins');
    await new Promise((resolve) => setImmediate(resolve));
    steps.push('first fails');
    throw new Error('failed');
  });
  const second = mutex.run(() => {
    steps.push('second');
    return 2;
  });
  await expect(first).rejects.toThrow('failed');
  expect([await second, steps]).toEqual([2, ['first begins', 'first fails', 'second']]);
});

import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { Refresher } from './refresher.js';

/** What is shown of sessions, and the reads of it: each is answered when the test says so. */
function shown() {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const reads: ((answer: string) => void)[] = [];
  const observer = new QueryObserver(queries, {
    queryKey: ['session', 'live'],
    queryFn: () => new Promise<string>((resolve) => reads.push(resolve)),
  });
  observer.subscribe(() => undefined);
  return { reads, refresher: new Refresher(queries), data: () => observer.getCurrentResult().data };
}

it('shows an answer that takes longer than until the next change, and reads once more afterwards', async () => {
  const { reads, refresher, data } = shown();
  reads[0]?.('first');
  await expect.poll(data).toBe('first');
  const done = refresher.refresh('session');
  for (let change = 0; change < 3; change++) await refresher.refresh('session');
  expect(reads.length).toBe(2);
  reads[1]?.('second');
  await expect.poll(data).toBe('second');
  await expect.poll(() => reads.length).toBe(3); // of the three changes
  reads[2]?.('third');
  await done;
  expect([data(), reads.length]).toEqual(['third', 3]);
});

it('reads again at each change that comes after the last read, and kinds beside each other', async () => {
  const { reads, refresher, data } = shown();
  reads[0]?.('first');
  await expect.poll(data).toBe('first');
  for (const answer of ['second', 'third']) {
    const done = refresher.refresh('session');
    await refresher.refresh('node'); // nothing of it is shown
    reads.at(-1)?.(answer);
    await done;
    expect(data()).toBe(answer);
  }
});

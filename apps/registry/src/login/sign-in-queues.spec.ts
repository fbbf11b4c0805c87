import { expect, it } from 'vitest';
import { SignInQueues } from './sign-in-queues.js';

/** Checks of passwords that take until they are released. */
function endless() {
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (release = resolve));
  return { work: () => over, release };
}

const addresses = Array.from({ length: 200 }, (_, i) => `198.51.100.${i}`);

it('serves a newcomer at once while two hundred addresses that failed occupy their queue', async () => {
  const queues = new SignInQueues();
  for (const address of addresses) queues.noteFailure(address);
  const { work, release } = endless();
  const flood = addresses.map((address) => queues.run(address, false, work));
  expect(await queues.run('203.0.113.1', false, () => Promise.resolve('checked'))).toBe('checked');
  expect(await queues.run('203.0.113.2', true, () => Promise.resolve('checked'))).toBe('checked');
  release();
  await Promise.all(flood);
});

it('lets newcomers wait only for newcomers, and counts an address as failed only until it succeeds', async () => {
  const queues = new SignInQueues();
  const { work, release } = endless();
  const newcomers = addresses.slice(0, 10).map((address) => queues.run(address, false, work));
  queues.noteFailure('203.0.113.1');
  expect(await queues.run('203.0.113.1', false, () => Promise.resolve('checked'))).toBe('checked');
  queues.noteSuccess('203.0.113.1');
  let begun = false;
  const again = queues.run('203.0.113.1', false, () => Promise.resolve((begun = true)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toBe(false);
  release();
  await Promise.all([...newcomers, again]);
  expect(begun).toBe(true);
});

import { expect, it } from 'vitest';
import { SignInTurns } from './sign-in-turns.js';

/** Checks of passwords that go on until they are let go. */
function endless() {
  let letGo: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (letGo = resolve));
  return { work: () => over, letGo };
}

const addresses = Array.from({ length: 200 }, (_, i) => `198.51.100.${i}`);

it('lets a newcomer in at once while two hundred addresses that failed take all their turns', async () => {
  const turns = new SignInTurns();
  for (const address of addresses) turns.noteFailure(address);
  const { work, letGo } = endless();
  const flood = addresses.map((address) => turns.take(address, false, work));
  expect(await turns.take('203.0.113.1', false, () => Promise.resolve('let in'))).toBe('let in');
  expect(await turns.take('203.0.113.2', true, () => Promise.resolve('let in'))).toBe('let in');
  letGo();
  await Promise.all(flood);
});

it('keeps newcomers waiting for newcomers only, and takes nobody for one who has failed', async () => {
  const turns = new SignInTurns();
  const { work, letGo } = endless();
  const newcomers = addresses.slice(0, 10).map((address) => turns.take(address, false, work));
  turns.noteFailure('203.0.113.1');
  expect(await turns.take('203.0.113.1', false, () => Promise.resolve('checked'))).toBe('checked');
  turns.noteSuccess('203.0.113.1');
  let begun = false;
  const again = turns.take('203.0.113.1', false, () => Promise.resolve((begun = true)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toBe(false);
  letGo();
  await Promise.all([...newcomers, again]);
  expect(begun).toBe(true);
});

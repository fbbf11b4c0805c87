import { createHook } from 'node:async_hooks';
import { afterAll, expect, it } from 'vitest';
import { lookUp } from './look-up.js';

let lookUps = 0;
const hook = createHook({ init: (_, type) => void (lookUps += type === 'GETADDRINFOREQWRAP' ? 1 : 0) }).enable();
afterAll(() => hook.disable());

it('resolves a name once for concurrent requests, and again after that', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => lookUp('localhost')));
  expect(answers.every((addresses) => addresses.some((address) => ['127.0.0.1', '::1'].includes(address)))).toBe(true);
  expect(lookUps).toBe(1);
  await lookUp('localhost');
  expect(lookUps).toBe(2);
});

it('reports an unknown name to every caller', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => lookUp(`${'x'.repeat(64)}.invalid`)));
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
  expect(lookUps).toBe(3);
});

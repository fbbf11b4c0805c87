import { expect, it } from 'vitest';
import { until } from './until.js';

it('resolves when the condition holds, and checks no more often than necessary', async () => {
  let asked = 0;
  await until(() => ++asked === 3, AbortSignal.timeout(5000), 1);
  expect(asked).toBe(3);
});

it("rejects with the signal's reason, also while it waits", async () => {
  const stopping = new AbortController();
  const waiting = until(() => false, stopping.signal, 60_000);
  stopping.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  await expect(until(() => false, stopping.signal)).rejects.toThrow('stopped');
});

it('resolves although the signal has aborted, if the condition holds', async () => {
  await until(() => Promise.resolve(true), AbortSignal.abort());
});

import { afterEach, expect, it, vi } from 'vitest';
import { ConfigError } from './read-environment.js';
import { runTask } from './run-task.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

it.each([
  ['an invalid configuration', new ConfigError('DATABASE_URL is missing'), 'migrate: DATABASE_URL is missing\n', 2],
  ['what failed', new Error('no answer'), 'migrate: no answer\n', 1],
  [
    'addresses that all refuse',
    new AggregateError([new Error('refused'), new Error('no route')]),
    'migrate: refused; no route\n',
    1,
  ],
])('says %s in a line and ends with its status', async (_, error, line, status) => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  await runTask('migrate', () => Promise.reject(error));
  expect([said, process.exitCode]).toEqual([[line], status]);
});

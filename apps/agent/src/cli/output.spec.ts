import { PassThrough } from 'node:stream';
import { ApiError } from '@sluice/sdk';
import { afterEach, expect, it, vi } from 'vitest';
import { allowReaderToLeave, fail } from './output.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

it('goes on when the reader of its output has left, and for no other failure', () => {
  const out = new PassThrough();
  allowReaderToLeave(out);
  expect(() => out.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).not.toThrow();
  expect(() => out.emit('error', Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }))).toThrow('ENOSPC');
});

it('says the value that was refused, unless the message has it as a word', () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  for (const [message, value] of [
    ['dialTimeoutSeconds is a whole number from 1 to 120', '0'],
    ['there is no server "my db"', 'my db'],
    ['the port 80 is taken', '80'],
  ] as const)
    fail(new ApiError(400, 'invalid', message, 'field', value), false);
  expect(said.map((line) => line.includes('(it is "'))).toEqual([true, false, false]);
  expect(said[0]).toContain('from 1 to 120 (it is "0")');
});

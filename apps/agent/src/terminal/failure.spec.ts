import { PassThrough } from 'node:stream';
import { ConfigError } from '@sluice/process';
import { ApiError } from '@sluice/sdk';
import { afterEach, expect, it, vi } from 'vitest';
import { allowReaderToLeave, fail, UsageError } from './failure.js';
import type { Format } from './output.js';

const printed: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  printed.splice(0);
});

/** What is printed for an error, and the exit status. */
function failing(error: unknown, typed: string[] = [], format: Format = 'table'): [string, typeof process.exitCode] {
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  fail(error, format, typed);
  return [printed.join('').trimEnd(), process.exitCode];
}

it('ignores that the reader of its output has closed it, and no other failure', () => {
  const out = new PassThrough();
  allowReaderToLeave(out);
  expect(() => out.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).not.toThrow();
  expect(() => out.emit('error', Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }))).toThrow('ENOSPC');
});

it.each([
  [
    'dialTimeoutSeconds is a whole number from 1 to 120',
    'dialTimeoutSeconds',
    '0',
    '--dial-timeout is a whole number from 1 to 120 (it is "0")',
  ],
  [
    'a port is a whole number from 1024 to 64999',
    'portOverride',
    '0',
    'a port is a whole number from 1024 to 64999 (--port-override is "0")',
  ],
  ['sessionsPerServer is a whole number', 'sessionsPerServer', 'x', '--max-sessions is a whole number (it is "x")'],
  ['noDelay is true or false', 'settings.noDelay', '2', '--tcp-nodelay is true or false (it is "2")'],
  ['id is a UUID', 'id', '123', 'id is a UUID (it is "123")'],
  ['this is not an e-mail address', 'email', 'bob', 'this is not an e-mail address (email is "bob")'],
  ['there is no server "my db"', 'server', 'my db', 'there is no server "my db"'],
  ['the port 80 is taken', 'port', '80', 'the port 80 is taken'],
])('names field and value of "%s" as they were typed', (message, field, value, shown) => {
  const typed = ['--dial-timeout', '0', '--port-override=0', '--max-sessions', '--tcp-nodelay'];
  expect(failing(new ApiError(422, 'invalid', message, field, value), typed)[0]).toBe(`sluice: ${shown}`);
});

it.each([
  ['wrong use, found here', new UsageError('no'), 2],
  ['a configuration that cannot be used', new ConfigError('no'), 2],
  ['a value that breaks a rule of the registry', new ApiError(422, 'port_invalid', 'no'), 2],
  ['a request of the wrong form', new ApiError(400, 'invalid_input', 'no'), 2],
  ['an address that is no URL', new ApiError(0, 'server_invalid', 'no'), 2],
  ['an unknown name', new ApiError(404, 'not_found', 'no'), 1],
  ['what the present state forbids', new ApiError(409, 'name_taken', 'no'), 1],
  ['no answer', new ApiError(0, 'no_answer', 'no'), 1],
  ['a surprise', new TypeError('no'), 1],
])('sets the exit status for %s', (_, error, status) => expect(failing(error)[1]).toBe(status));

it.each(['json', 'yaml'] as const)('shows nothing that controls a terminal in an error as %s, and loses none of it', (format) => {
  const text = 'a\u009b31mb\u202ec\u2028d\ud800e\u0007f\u007f';
  const [shown] = failing(new ApiError(422, text, text, text, text), [], format);
  expect(shown).toMatch(/^[ -~]+$/);
  expect(JSON.parse(shown)).toEqual({ error: { message: text, status: 422, code: text, field: text, value: text } });
});

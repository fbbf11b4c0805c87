import { OPERATIONS } from '@sluice/contracts';
import type { TestSystem } from '@sluice/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from '../system.js';

let system: TestSystem;
beforeAll(async () => (system = await sharedSystem()));

const encode = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const NO_ONE = '00000000-0000-4000-8000-000000000000';
const NO_CURSORS = ['x', '%00', encode(['\u0000', NO_ONE]), encode([1, 2]), encode(['', '']), encode(['a'])];
/** Well formed, of another list or of none. */
const STRANGE_CURSORS = [encode(['a', 'b']), encode(['2026-13-45', NO_ONE]), encode(['9'.repeat(300), NO_ONE])];
const TEXTS = ['a\u0000b', '\ud800', 'x'.repeat(20_000), '\u202e'];

const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${system.handle.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${system.adminToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const pathOf = (path: string) => path.replaceAll(/\{\w+\}/g, NO_ONE);

const lists = OPERATIONS.filter(({ input }) => 'cursor' in input.shape);
describe.each(lists)('$method $path', ({ path }) => {
  it('rejects a modified cursor with a problem of the request, and never returns a page', async () => {
    const statusOf = async (cursor: string) => (await ask('GET', `${pathOf(path)}?cursor=${encodeURIComponent(cursor)}`)).status;
    for (const cursor of NO_CURSORS) expect([cursor, await statusOf(cursor)]).toEqual([cursor, 400]);
    for (const cursor of STRANGE_CURSORS) expect([cursor, (await statusOf(cursor)) < 500]).toEqual([cursor, true]);
  });
});

const writes = OPERATIONS.filter(({ path, id }) => path !== '' && id !== 'logins.end');
describe.each(writes)('$method $path', ({ method, path, input }) => {
  it('rejects text that cannot be stored with a problem of the request, never with an internal error', async () => {
    for (const text of TEXTS) {
      for (const field of Object.keys(input.shape)) {
        const query = method === 'GET' || method === 'DELETE';
        const response = query
          ? await ask(method, `${pathOf(path)}?${field}=${encodeURIComponent(text.replace(/\p{Cs}/gu, '\\0'))}`)
          : await ask(method, pathOf(path), { [field]: text });
        expect([path, field, response.status < 500]).toEqual([path, field, true]);
      }
    }
  });
});

import { expect, it } from 'vitest';
import { difference } from './difference.js';

it('contains only the fields that changed, regardless of the order of keys', () => {
  const before = { version: 1, name: 'a', tags: { x: '1', y: '2' }, settings: { noDelay: true, idle: 5 } };
  const after = { version: 2, name: 'a', tags: { y: '2', x: '1' }, settings: { idle: 6, noDelay: true } };
  expect(difference(before, after)).toEqual({
    before: { version: 1, settings: { idle: 5 } },
    after: { version: 2, settings: { idle: 6 } },
  });
});

it('contains only the added and removed items of a list, so that it does not grow with the list', () => {
  const servers = Array.from({ length: 1000 }, (_, id) => ({ id, name: `server ${id}` }));
  const added = { id: 1000, name: 'another' };
  const kept = difference({ version: 7, servers }, { version: 8, servers: [...servers.slice(1), added] });
  expect(kept).toEqual({ before: { version: 7 }, after: { version: 8, servers: { added: [added], removed: [servers[0]] } } });
});

it('contains the whole of what is new, what is gone, and what changed its type', () => {
  expect(difference(null, { a: [1] })).toEqual({ before: null, after: { a: [1] } });
  expect(difference({ a: [1] }, null)).toEqual({ before: { a: [1] }, after: null });
  expect(difference({ a: 'x' }, { a: [1] })).toEqual({ before: { a: 'x' }, after: { a: [1] } });
});

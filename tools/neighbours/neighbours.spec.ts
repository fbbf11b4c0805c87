import { expect, it } from 'vitest';
// @ts-expect-error: tools are JavaScript without types
import * as comparing from './compare-records.mjs';
// @ts-expect-error: tools are JavaScript without types
import * as previous from './previous.mjs';

const { compareRecords, whatChanged } = comparing as {
  compareRecords: (connections: object[], records: object[]) => string[];
  whatChanged: (what: string, before: object[], after: object[]) => string[];
};
const { previousOf } = previous as {
  previousOf: (asked: string | undefined, tags: string[], untagged: string) => string;
};

const record = (bytesUp: number, more = {}) => ({
  bytesUp,
  bytesDown: bytesUp + 32,
  outcome: 'completed',
  exactness: 'exact',
  state: 'final',
  ...more,
});

it('the previous release is the one that is asked for, else the newest tag of a release, else a fixed commit', () => {
  expect(previousOf('main~3', ['v1.0.0'], 'a0b1')).toBe('main~3');
  expect(previousOf(undefined, ['nightly', 'v1.1.0', 'v1.0.0'], 'a0b1')).toBe('v1.1.0');
  expect(previousOf(undefined, [''], 'a0b1')).toBe('a0b1');
});

it('records in any order are those of the connections, also if several are alike', () => {
  const connections = [5, 0, 5].map((up) => ({ up, down: up + 32 }));
  expect(compareRecords(connections, [record(0), record(5), record(5)])).toEqual([]);
});

it.each([
  ['a record is missing', [record(5)], ['no record of a connection: 7 up, 39 down, completed, exact']],
  ['a record is there twice', [record(5), record(7), record(7)], ['a record of no connection: 7 up, 39 down, completed, exact']],
  [
    'a count differs by one byte',
    [record(5), record(7, { bytesDown: 40 })],
    ['no record of a connection: 7 up, 39 down, completed, exact', 'a record of no connection: 7 up, 40 down, completed, exact'],
  ],
  [
    'a record is not exact',
    [record(5), record(7, { exactness: 'at most' })],
    [
      'no record of a connection: 7 up, 39 down, completed, exact',
      'a record of no connection: 7 up, 39 down, completed, at most',
    ],
  ],
])('says which connection or record is wrong when %s', (_, records, said) => {
  const connections = [5, 7].map((up) => ({ up, down: up + 32 }));
  expect(compareRecords(connections, records)).toEqual(said);
});

it('an upgrade may add fields and change what is of the moment, and nothing else', () => {
  const before = [
    { id: 'a', name: 'one', port: 1, state: 'online' },
    { id: 'b', name: 'two', port: 2 },
  ];
  expect(whatChanged('server', before, [{ ...before[0], state: 'offline', more: 1 }, before[1] as object])).toEqual([]);
  expect(whatChanged('server', before, [{ ...before[0], port: 9 }])).toEqual([
    'the port of the server one has changed',
    'the server two is missing',
  ]);
});

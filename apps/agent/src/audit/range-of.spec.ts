import { expect, it } from 'vitest';
import { UsageError } from '../terminal/failure.js';
import { rangeOf } from './range-of.js';

const NOW = '2026-03-01T10:00:00.000Z';

it('reads the time of an export: everything until now where nothing is said', () => {
  expect(rangeOf({}, NOW)).toEqual({ since: '1970-01-01T00:00:00.000Z', until: NOW });
  const day = { since: '2026-02-01T00:00:00.000Z', until: '2026-02-02T00:00:00.000Z' };
  expect(rangeOf({ since: '2026-02-01', until: '2026-02-02' }, NOW)).toEqual(day);
  expect(rangeOf({ since: NOW, until: '2026-04-01' }, NOW)).toEqual({ since: NOW, until: '2026-04-01T00:00:00.000Z' });
});

it('rejects a time that has not begun, or that ends before it begins, with the value that was typed', () => {
  const wrong = (since: string, until?: string) => () => rangeOf({ since, ...(until !== undefined && { until }) }, NOW);
  expect(wrong('2026-03-02')).toThrow(new UsageError('--since is in the future (it is "2026-03-02")'));
  expect(wrong('2027-01-01', '2028-01-01')).toThrow('--since is in the future (it is "2027-01-01")');
  expect(wrong('0000-01-01')).toThrow('--since is a time such as');
  expect(wrong('9999999d')).toThrow('--since is a time such as');
  expect(wrong('2026-02-02', '2026-02-01')).toThrow('--since is later than --until (they are "2026-02-02" and "2026-02-01")');
});

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readTime } from './read-time.js';

const TOOLS = path.join(import.meta.dirname, '..', '..', '..', '..', 'tools');

/** What the second verifier reads. */
function inPython(times: readonly unknown[]): (number | null)[] {
  const program =
    'import json, sys; from verify_export import moment; print(json.dumps([moment(t) for t in json.load(sys.stdin)]))';
  const env = { ...process.env, PYTHONPATH: TOOLS, PYTHONDONTWRITEBYTECODE: '1' };
  return JSON.parse(
    execFileSync('python3', ['-c', program], { input: JSON.stringify(times), env, encoding: 'utf8' }),
  ) as number[];
}

/** What both verifiers read; null is no time. */
function read(times: readonly unknown[]): (number | null)[] {
  const found = times.map((time) => (Number.isNaN(readTime(time)) ? null : readTime(time)));
  expect(inPython(times)).toEqual(found);
  return found;
}

it('reads the first and the last time that four digits have, and leap days', () => {
  expect(read(['0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])).toEqual([
    ...[-62_167_219_200_000, -62_135_596_800_000, 253_402_300_799_999],
  ]);
  expect(read(['0000-01-01T00:00:00+23:59', '9999-12-31T23:59:59-23:59'])).toEqual([-62_167_305_540_000, 253_402_387_139_000]);
  const leap = ['0000', '0004', '0400', '2000', '2024'].map((year) => `${year}-02-29T12:00:00Z`);
  expect(read(leap)).not.toContain(null);
  expect(read(['0001', '0100', '1900', '2026'].map((year) => `${year}-02-29T12:00:00Z`))).toEqual([null, null, null, null]);
});

it('reads the milliseconds of a fraction, and offsets', () => {
  const fractions = ['.1', '.12', '.123', '.1239', '.000000001', '.999999999999'].map((part) => `1969-12-31T23:59:59${part}Z`);
  expect(read(fractions)).toEqual([-900, -880, -877, -877, -1000, -1]);
  expect(read(['1970-01-01T00:00:00-00:00', '1970-01-01T01:30:00+01:30', '1970-01-01T00:00:00-01:30'])).toEqual([
    0, 0, 5_400_000,
  ]);
});

it('reads nothing else', () => {
  const parts = ['24:00:00Z', '23:60:00Z', '23:59:60Z', '00:00Z', '00:00:00', '00:00:00z', '00:00:00,5Z', '00:00:00.Z'];
  const offsets = ['+24:00', '+23:60', '+1:00', '+0100', '+01', '+01:00:00', '−01:00'].map((offset) => `00:00:00${offset}`);
  const odd = [...parts, ...offsets, '00:00:00Z\n', ' 00:00:00Z', '٠0:00:00Z'].map((time) => `2026-01-01T${time}`);
  const days = [
    '2026-00-01',
    '2026-13-01',
    '2026-04-31',
    '2026-01-00',
    '26-01-01',
    '10000-01-01',
    '+002026-01-01',
    '-0001-01-01',
  ];
  const others = [
    '2026-01-01 00:00:00Z',
    '2026-01-01t00:00:00Z',
    '2026-W01-1T00:00:00Z',
    '',
    null,
    0,
    {},
    ['2026-01-01T00:00:00Z'],
  ];
  expect(new Set(read([...odd, ...days.map((day) => `${day}T00:00:00Z`), ...others]))).toEqual(new Set([null]));
});

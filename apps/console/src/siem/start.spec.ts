import { expect, it } from 'vitest';
import { readStart, splitSubjects } from './start.js';

const start = { kind: 'now', time: '', number: '' } as const;

it('reads where a reader begins', () => {
  expect(readStart(start)).toMatchObject({ ok: true, value: {} });
  expect(readStart({ ...start, kind: 'number', number: ' 12 ' })).toMatchObject({ ok: true, value: { fromNumber: 12 } });
  const local = new Date(2026, 10, 27, 9, 30);
  expect(readStart({ ...start, kind: 'time', time: '2026-11-27T09:30' })).toMatchObject({
    ok: true,
    value: { fromTime: local.toISOString() },
  });
});

it('refuses what is no number and no time', () => {
  for (const number of ['', '0', '-1', '1.5', 'x'])
    expect(readStart({ ...start, kind: 'number', number })).toMatchObject({ ok: false, refusal: { field: 'fromNumber' } });
  expect(readStart({ ...start, kind: 'time' })).toMatchObject({ ok: false, refusal: { field: 'fromTime' } });
});

it('splits patterns', () => {
  expect(splitSubjects(' audit.v1.session.>,audit.v1.integrity.>\n')).toEqual(['audit.v1.session.>', 'audit.v1.integrity.>']);
  expect(splitSubjects(' ')).toEqual([]);
});

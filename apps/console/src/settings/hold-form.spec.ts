import { expect, it } from 'vitest';
import { bodyOf } from './hold-form.js';

const FORM = { account: ' ann@example.test ', resource: '', since: '2026-11-27T09:00', until: '', reason: ' case 7 ' };

it('leaves out what is empty, and gives times as the API takes them', () => {
  expect(bodyOf(FORM)).toEqual({
    ...{ account: 'ann@example.test', resource: null, reason: 'case 7', until: null },
    since: new Date('2026-11-27T09:00').toISOString(),
  });
});

it('says what cannot be sent', () => {
  expect(() => bodyOf({ ...FORM, reason: ' ' })).toThrow('say why');
  expect(() => bodyOf({ ...FORM, until: 'tomorrow' })).toThrow('tomorrow is not a time');
});

import { expect, it } from 'vitest';
import { isMoment } from './moment.js';

it('accepts the years 1 to 9999', () => {
  const at = (text: string) => isMoment(Date.parse(text));
  expect(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'].map(at)).toEqual([true, true]);
  expect(['0000-12-31T23:59:59.999Z', '+010000-01-01T00:00:00Z', 'soon'].map(at)).toEqual([false, false, false]);
});

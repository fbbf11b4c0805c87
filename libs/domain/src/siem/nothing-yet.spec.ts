import { expect, it } from 'vitest';
import { nothingYet } from './nothing-yet.js';

it('says that a reader has done nothing, and where it goes on', () => {
  expect(nothingYet('fetched', '1,067')).toBe('nothing fetched yet since NATS was started; it continues after number 1,067');
});

import { expect, it } from 'vitest';
import { CarryState } from './carry-state.js';

it('settles here only when both directions have ended and all is delivered', () => {
  const state = new CarryState();
  expect(() => state.moveWhole('settled here')).toThrow('before its time');
  state.moveOutward('ended');
  state.moveInward('ended');
  expect(() => state.moveWhole('settled here')).toThrow('before its time');
  state.moveInward('delivered');
  state.moveWhole('settled here');
  state.moveWhole('settled');
  expect(state.over).toBe(true);
});

it('takes no `settled` of the other end before both directions have ended', () => {
  const state = new CarryState();
  state.moveInward('ended');
  expect(() => state.moveWhole('settled there')).toThrow('before its time');
  state.moveOutward('ended');
  state.moveWhole('settled there');
});

it('ends each direction once, and nothing moves after the end', () => {
  const state = new CarryState();
  state.moveInward('held');
  state.moveInward('ended');
  for (const to of ['flowing', 'held', 'ended'] as const) expect(() => state.moveInward(to)).toThrow('cannot go');
  state.moveOutward('checking');
  state.moveOutward('ended');
  for (const to of ['reading', 'checking', 'ended'] as const) expect(() => state.moveOutward(to)).toThrow('cannot go');
  state.moveWhole('cut');
  for (const to of ['settled there', 'settled', 'cut'] as const) expect(() => state.moveWhole(to)).toThrow('cannot go');
});

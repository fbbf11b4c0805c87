import { expect, it } from 'vitest';
import { CarryState } from './carry-state.js';

it('settles here only when both directions have ended and everything is delivered', () => {
  const state = new CarryState();
  expect(() => state.moveWhole('settled here')).toThrow('is not possible yet');
  state.moveOutward('ended');
  state.moveInward('ended');
  expect(() => state.moveWhole('settled here')).toThrow('is not possible yet');
  state.moveInward('delivered');
  state.moveWhole('settled here');
  state.moveWhole('settled');
  expect(state.over).toBe(true);
});

it('accepts no `settled` of the peer before both directions have ended', () => {
  const state = new CarryState();
  state.moveInward('ended');
  expect(() => state.moveWhole('settled there')).toThrow('is not possible yet');
  state.moveOutward('ended');
  state.moveWhole('settled there');
});

it('ends each direction once, and has no transition after the end', () => {
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

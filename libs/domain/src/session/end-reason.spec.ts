import { expect, it } from 'vitest';
import { END_REASONS, outcomeOf, safeToRetry } from './end-reason.js';
import { moveSession } from './session-state.js';

it('gives every reason an outcome in at least one phase, and `completed` only to sessions that were active', () => {
  for (const reason of END_REASONS) {
    const outcomes = (['before', 'active'] as const).map((phase) => {
      try {
        return outcomeOf(reason, phase);
      } catch {
        return undefined;
      }
    });
    expect([reason, outcomes.some((outcome) => outcome !== undefined)]).toEqual([reason, true]);
    expect([reason, outcomes[0]]).not.toEqual([reason, 'completed']);
    expect([reason, outcomes[1]]).not.toEqual([reason, 'refused']);
  }
});

it('has the outcome `refused` for a suspended account before the session opens, and `completed` after that', () => {
  expect(outcomeOf('account suspended', 'before')).toBe('refused');
  expect(outcomeOf('account suspended', 'active')).toBe('completed');
  expect(() => outcomeOf('no grant', 'active')).toThrow('does not end a session that was active');
});

it('does not allow a retry after a decision of the policy', () => {
  expect([
    safeToRetry('no grant'),
    safeToRetry('account suspended'),
    safeToRetry('draining'),
    safeToRetry('connect refused'),
  ]).toEqual([false, false, true, true]);
});

it('never moves a session back to an earlier state', () => {
  expect(moveSession('requested', 'dialing')).toBe('dialing');
  expect(() => moveSession('ended', 'active')).toThrow();
  expect(() => moveSession('requested', 'active')).toThrow();
});

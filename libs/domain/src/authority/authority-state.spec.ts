import { describe, expect, it } from 'vitest';
import { nextAuthorityStep } from './authority-state.js';

describe('a rotation', () => {
  it('has one step after another, and begins again when the former authority is retired', () => {
    expect(nextAuthorityStep(['current'])).toBe('prepare');
    expect(nextAuthorityStep(['current', 'next'])).toBe('switch');
    expect(nextAuthorityStep(['former', 'current'])).toBe('retire');
    expect(nextAuthorityStep(['retired', 'current'])).toBe('prepare');
    expect(nextAuthorityStep(['retired', 'current', 'next'])).toBe('switch');
  });
});

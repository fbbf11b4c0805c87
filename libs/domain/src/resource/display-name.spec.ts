import { describe, expect, it } from 'vitest';
import { parseDisplayName } from './display-name.js';

const code = (outcome: { ok: boolean; refusal?: { code: string } }) => (outcome.ok ? 'ok' : outcome.refusal?.code);

describe('a display name', () => {
  it('is kept in NFC and counted in characters, not in code units', () => {
    expect(parseDisplayName('Cafe\u0301')).toEqual({ ok: true, value: 'Café' });
    expect(code(parseDisplayName('𝒳'.repeat(100)))).toBe('ok');
    expect(code(parseDisplayName('𝒳'.repeat(101)))).toBe('name_too_long');
  });
  it.each(['\u0000', '\u200b', '\u2028', '\u2029', '\ue000', '\ud800'])('has no %j', (character) => {
    expect(code(parseDisplayName(`a${character}b`))).toBe('name_character');
  });
});

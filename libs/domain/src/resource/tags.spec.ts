import { describe, expect, it } from 'vitest';
import { parseTags, splitTags } from './tags.js';

const code = (outcome: { ok: boolean; refusal?: { code: string } }) => (outcome.ok ? 'ok' : outcome.refusal?.code);

describe('tags', () => {
  it('are split at commas and the first equals sign', () => {
    expect(splitTags('a=1,b=x=y')).toEqual([
      ['a', '1'],
      ['b', 'x=y'],
    ]);
  });
  it('name a key once', () => {
    expect(
      code(
        parseTags([
          ['a', '1'],
          ['a', '2'],
        ]),
      ),
    ).toBe('tag_duplicate');
  });
});

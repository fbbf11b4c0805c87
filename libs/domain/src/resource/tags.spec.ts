import { describe, expect, it } from 'vitest';
import { parseTagFilter, parseTags, splitTags } from './tags.js';

const code = (outcome: { ok: boolean; refusal?: { code: string } }) => (outcome.ok ? 'ok' : outcome.refusal?.code);

describe('tags', () => {
  it('are split at commas and the first equals sign', () => {
    const value = [
      ['a', '1'],
      ['b', 'x=y'],
    ];
    expect(splitTags('a=1,b=x=y')).toEqual({ ok: true, value });
    expect(splitTags(' ')).toEqual({ ok: true, value: [] });
  });
  it('have a key and a value, which may be empty', () => {
    expect(splitTags('a=')).toEqual({ ok: true, value: [['a', '']] });
    expect(splitTags('a=1,b')).toMatchObject({ refusal: { code: 'tag_invalid', value: 'b' } });
  });
  it('have each key only once', () => {
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

it('are searched by key and value, or by key alone', () => {
  expect(parseTagFilter('env=a=b')).toEqual({ key: 'env', value: 'a=b' });
  expect(parseTagFilter('env=')).toEqual({ key: 'env', value: '' });
  expect(parseTagFilter('env')).toEqual({ key: 'env', value: undefined });
  expect([parseTagFilter(''), parseTagFilter('=x'), parseTagFilter('a b=x')]).toEqual([undefined, undefined, undefined]);
});

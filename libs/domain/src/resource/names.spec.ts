import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDisplayName } from './display-name.js';
import { parseHostname } from './hostname.js';
import { blockHolds, formatIpv4, parseBlock, parseIpv4, parseIpv6 } from './ip.js';
import { parseTags, splitTags } from './tags.js';

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

describe('a hostname', () => {
  const parse = (text: string) => parseHostname(text, domainToASCII);
  it('is stored as ASCII, in lower case, without a final dot', () => {
    expect(parse('Bücher.Example.')).toEqual({ ok: true, value: 'xn--bcher-kva.example' });
    expect(parse('2001:DB8::1')).toEqual({ ok: true, value: '2001:db8::1' });
  });
  it.each([
    '1.2.3',
    '1',
    '0x7f.1',
    '127.1',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    'a..b',
    '-a.b',
    'a b',
    '',
    '[::1]',
    'u@h',
    'h#x',
    'h?x',
  ])('is not %j', (text) => {
    expect(parse(text).ok).toBe(false);
  });
});

describe('an address block', () => {
  it('holds what lies inside, however IPv4 is written', () => {
    const block = parseBlock('127.0.0.0/8');
    expect(block && blockHolds(block, '127.255.0.1')).toBe(true);
    expect(block && blockHolds(block, '::ffff:127.0.0.1')).toBe(true);
    expect(block && blockHolds(block, '128.0.0.1')).toBe(false);
    expect(block && blockHolds(block, '::1')).toBe(false);
  });
  it('is read strictly', () => {
    for (const text of ['1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', '::1/129', 'x/8']) expect(parseBlock(text)).toBeUndefined();
    expect(formatIpv4(parseIpv4('10.1.2.3') ?? 0n)).toBe('10.1.2.3');
    expect(parseIpv6('::ffff:1.2.3.4')).toBe(0xffff01020304n);
    expect(parseIpv6('1::2::3')).toBeUndefined();
  });
});

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

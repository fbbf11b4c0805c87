import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseHostname } from './hostname.js';

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

import { describe, expect, it } from 'vitest';
import { blockHolds, formatIpv4, parseBlock, parseIpv4, parseIpv6 } from './ip.js';

describe('an address block', () => {
  it('contains the addresses inside it, however IPv4 is written', () => {
    const block = parseBlock('127.0.0.0/8');
    expect(block && blockHolds(block, '127.255.0.1')).toBe(true);
    expect(block && blockHolds(block, '::ffff:127.0.0.1')).toBe(true);
    expect(block && blockHolds(block, '128.0.0.1')).toBe(false);
    expect(block && blockHolds(block, '::1')).toBe(false);
  });
  it('is parsed strictly', () => {
    for (const text of ['1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', '::1/129', 'x/8']) expect(parseBlock(text)).toBeUndefined();
    expect(formatIpv4(parseIpv4('10.1.2.3') ?? 0n)).toBe('10.1.2.3');
    expect(parseIpv6('::ffff:1.2.3.4')).toBe(0xffff01020304n);
    expect(parseIpv6('1::2::3')).toBeUndefined();
  });
});

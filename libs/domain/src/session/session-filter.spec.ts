import { describe, expect, it } from 'vitest';
import { parseSessionFilter } from './session-filter.js';

const NOW = Date.parse('2026-11-27T12:00:00Z');

describe('a filter of sessions', () => {
  it.each([
    ['', {}],
    ['  orders  "My DB" ', { words: ['orders', 'My DB'] }],
    ['account:ann@example.com server:"my db"', { account: 'ann@example.com', resource: 'my db' }],
    [
      'relay:r-1 cluster:default gateway:g rule:"role readers"',
      { node: 'r-1', proxyCluster: 'default', gateway: 'g', rule: 'role readers' },
    ],
    ['Outcome:refused reason:"no grant"', { outcome: 'refused', endReason: 'no grant' }],
    ['address:[2001:db8::7]:5000', { clientAddress: '[2001:db8::7]:5000' }],
    ['tag:env=prod tag:team', { tags: ['env=prod', 'team'] }],
    ['since:24h until:2026-11-27T11:00:00Z', { since: '2026-11-26T12:00:00.000Z', until: '2026-11-27T11:00:00.000Z' }],
    ['since:2026-11-01', { since: '2026-11-01T00:00:00.000Z' }],
    ['live:yes', { live: true }],
    ['bytes>=1GiB bytes<2gb', { minBytes: 2 ** 30, maxBytes: 2e9 - 1 }],
    ['bytes>10 duration<=1.5s', { minBytes: 11, maxDurationMs: 1500 }],
    ['duration>1s duration<2s', { minDurationMs: 1000.001, maxDurationMs: 1999.999 }],
    ['2001:db8::7', { words: ['2001:db8::7'] }],
    ['"env=prod" "> 5" tag:a=b<c', { words: ['env=prod', '> 5'], tags: ['a=b<c'] }],
    ['a~b wow!', { words: ['a~b', 'wow!'] }],
  ])('reads %j', (text, filter) => {
    expect(parseSessionFilter(text, NOW)).toEqual({ ok: true, filter, columns: expect.any(Object) as object });
  });

  it('says where the names stand that only the registry knows', () => {
    expect(parseSessionFilter('orders gateway:edge cluster:"zürich a" account:x', NOW)).toMatchObject({
      columns: { gateway: 16, proxyCluster: 29 },
    });
  });

  it.each([
    ['orders acount:ann', 8, /no field "acount"; fields are account, server, /],
    ['account:', 9, /missing/],
    ['account:"" x', 9, /missing/],
    ['server:"my db', 8, /double quotes/],
    ['server:my"db', 8, /double quotes/],
    ['outcome:lost', 9, /outcome is one of: refused, failed, completed/],
    ['orders reason:constructor', 15, /reason is one of/],
    ['constructor:x', 1, /no field/],
    ['address:10.0.0.', 9, /IP address/],
    ['since:tomorrow', 7, /since is a time such as/],
    ['since:2026-13-01', 7, /since is a time such as/],
    ['since:0000-12-31', 7, /since is a time such as/],
    ['since:9999999d', 7, /since is a time such as/],
    ['until:9999-12-31T23:59:59-23:59', 7, /until is a time such as/],
    ['since:1h x until:2h', 12, /later than since/],
    ['live:maybe', 6, /yes or no/],
    ['bytes:10', 6, /compared with >, >=, < or <=, as in bytes>=10 bytes<=10$/],
    ['account>ann', 8, /followed by :, as in account:ann$/],
    ['orders bytes=5', 13, /compared with >, >=, < or <=, as in bytes>=5 bytes<=5$/],
    ['Duration==8h', 9, /as in duration>=8h duration<=8h$/],
    ['bytes!=many', 6, /as in bytes>1GiB$/],
    ['bytes≥1GiB', 6, /compared with >, >=/],
    ['bytes=>5', 6, /compared with >, >=/],
    ['account=ann', 8, /followed by :, as in account:ann$/],
    ['account="ann b" x', 8, /as in account:"ann b"$/],
    ['tag=env', 4, /as in tag:env$/],
    ['orders env=prod', 11, /a tag is tag:env=prod, and a word with it stands in double quotes/],
    ['my-db!=x', 6, /no field "my-db"/],
    ['bytes > 1GiB', 7, /between a field and a value, without spaces, as in bytes>1GiB/],
    ['bytes >= 1GiB', 7, /without spaces/],
    ['bytes =5', 7, /without spaces/],
    ['bytes>1XB', 7, /bytes is a number such as/],
    ['bytes>99999999999999TiB', 7, /bytes is a number such as/],
    ['duration>8', 10, /duration is a duration such as/],
    ['account:a account:b', 11, /given twice/],
    ['bytes>1 bytes>=2', 9, /given twice/],
    ['x '.repeat(21), 41, /at most 20/],
  ])('rejects %j at column %i', (text, column, message) => {
    expect(parseSessionFilter(text, NOW)).toMatchObject({ ok: false, column, message: expect.stringMatching(message) });
  });
});

import { expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../settings/session-settings.js';
import { LinkCount } from './link-count.js';

it('counts all addresses of one IPv6 subscriber together, and each IPv4 address separately', () => {
  const count = new LinkCount('gateway', 100);
  const settings = { ...DEFAULT_SETTINGS, linksPerAddress: 2 };
  const refused = (address: string) => count.refusal({ accountId: 'another', address }, settings) !== undefined;
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '192.0.2.1']) count.add({ accountId: 'one', address });
  expect(refused('2001:db8:1:2:3:4:5:6')).toBe(true);
  expect(refused('2001:db8:1:3::1')).toBe(false);
  expect([refused('192.0.2.1'), refused('192.0.2.2')]).toEqual([false, false]);
  count.add({ accountId: 'one', address: '2001:db8:1:2::1' }, -1);
  expect(refused('2001:db8:1:2:3:4:5:6')).toBe(false);
});

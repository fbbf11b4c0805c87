import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RELEASE, upgradeNeeded } from './release.js';

describe('the release', () => {
  it('is the version of the packages', () => {
    const root = new URL('../../../../', import.meta.url);
    for (const file of ['package.json', 'apps/agent/package.json', 'libs/domain/package.json'])
      expect([file, JSON.parse(readFileSync(new URL(file, root), 'utf8'))]).toMatchObject([file, { version: RELEASE }]);
  });

  it('works with itself, and with peers that do not say theirs', () => {
    expect([upgradeNeeded('the gateway', RELEASE), upgradeNeeded('the gateway', undefined)]).toEqual([undefined, undefined]);
  });
});

describe('a peer', () => {
  it.each(['1.2.3', '1.2.4', '1.3.0', '2.0.0', '1.10.0', '1.2.3-rc.1'])('of release %s works with 1.2.3', (release) => {
    expect(upgradeNeeded('the gateway', release, '1.2.3')).toBeUndefined();
  });

  it.each(['1.2.2', '1.1.9', '0.9.9', '1.2.2-rc.1'])('of release %s is told which one it needs at least', (release) => {
    expect(upgradeNeeded('the gateway', release, '1.2.3')).toBe(`the gateway runs ${release}: upgrade needed, at least 1.2.3`);
  });

  it('that does not say its release is refused by one that needs a later release than the last silent one', () => {
    expect(upgradeNeeded('this relay', undefined, '0.2.0')).toBe('this relay runs 0.1.0: upgrade needed, at least 0.2.0');
  });

  it.each([
    '',
    '1',
    '1.2',
    'v1.2.3',
    '1.2.3.4',
    '1.2.3-',
    '999999.0.0',
    `1.2.3-${'a'.repeat(21)}`,
    '١.٢.٣',
    '1.2.3\n',
    '<b>9.9.9</b>',
  ])('whose release cannot be read is refused without repeating it: %j', (release) => {
    expect(upgradeNeeded('the client', release)).toBe(
      'the client runs a release that cannot be read: upgrade needed, at least 0.1.0',
    );
  });
});

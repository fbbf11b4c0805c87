import { expect, it } from 'vitest';
import { changedTags, readTagChange } from './change-tags.js';

it('reads tags to set and keys to take away', () => {
  expect(readTagChange('env=prod, team=a=b', ' old ,, note')).toEqual({
    set: { env: 'prod', team: 'a=b' },
    remove: ['old', 'note'],
  });
});

it.each([
  ['', '', 'name a tag'],
  ['env', '', 'a tag is key=value'],
  ['a b=c', '', 'a tag key has'],
  ['env=a', 'env', 'both added and removed'],
])('refuses "%s" and "%s"', (set, remove, why) => expect(() => readTagChange(set, remove)).toThrow(why));

it('keeps the other tags, and leaves a server alone that is as it should be', () => {
  const before = { env: 'test', team: 'data' };
  expect(changedTags(before, { set: { env: 'prod' }, remove: ['team'] })).toEqual({ env: 'prod' });
  expect(changedTags(before, { set: { owner: 'ann' }, remove: [] })).toEqual({ env: 'test', team: 'data', owner: 'ann' });
  expect(changedTags(before, { set: { env: 'test' }, remove: ['note'] })).toBeUndefined();
});

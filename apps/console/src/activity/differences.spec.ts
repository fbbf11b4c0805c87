import { describe, expect, it } from 'vitest';
import { differencesOf } from './differences.js';

describe('what an activity changed', () => {
  it('is shown property by property, without what stayed', () => {
    const before = { name: 'my-db', port: 5432, settings: { idleTimeoutSeconds: null }, tags: { env: 'dev' } };
    const after = { name: 'my-db', port: 5433, settings: { idleTimeoutSeconds: 60 }, tags: {} };
    expect(differencesOf({ before, after })).toEqual([
      { property: 'port', before: '5432', after: '5433' },
      { property: 'tags.env', before: 'dev', after: '' },
      { property: 'settings.idleTimeoutSeconds', before: '', after: '60' },
    ]);
  });

  it('has everything of what is new, and of what is gone', () => {
    expect(differencesOf({ before: null, after: { name: 'a' } })).toEqual([{ property: 'name', before: '', after: 'a' }]);
    expect(differencesOf({ before: { name: 'a' }, after: null })).toEqual([{ property: 'name', before: 'a', after: '' }]);
    expect(differencesOf({ before: null, after: null })).toEqual([]);
  });

  it('shows lists of texts on one line', () => {
    expect(differencesOf({ before: { dnsZones: [] }, after: { dnsZones: ['a.test', 'b.test'] } })).toEqual([
      { property: 'dnsZones', before: '', after: 'a.test, b.test' },
    ]);
  });
});

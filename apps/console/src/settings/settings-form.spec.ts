import { DEFAULT_NETWORK, DEFAULT_RETENTION, DEFAULT_SETTINGS } from '@sluice/domain';
import { describe, expect, it } from 'vitest';
import { changesOf, formOf, shortened, validateSettings } from './settings-form.js';

const SETTINGS = { ...DEFAULT_SETTINGS, ...DEFAULT_NETWORK, ...DEFAULT_RETENTION, dnsZones: ['corp.test'], version: 3 };

describe('the form of the settings', () => {
  it('has no error and no change as it comes', () => {
    const form = formOf(SETTINGS);
    expect(validateSettings(form)).toEqual({});
    expect(changesOf(form, SETTINGS)).toEqual({});
  });

  it('sends what was changed alone', () => {
    const form = { ...formOf(SETTINGS), virtualNetworking: true, dnsZones: [] };
    form.numbers = { ...form.numbers, idleTimeoutSeconds: '60' };
    expect(changesOf(form, SETTINGS)).toEqual({ virtualNetworking: true, dnsZones: [], idleTimeoutSeconds: 60 });
  });

  it('names the field of each error', () => {
    const form = { ...formOf(SETTINGS), loopbackRange: '10.0.0.0/8' };
    form.numbers = { ...form.numbers, dialTimeoutSeconds: '0', keepAliveSeconds: '' };
    expect(Object.keys(validateSettings(form)).sort()).toEqual([
      'loopbackRange',
      'numbers.dialTimeoutSeconds',
      'numbers.keepAliveSeconds',
    ]);
  });

  it('says what a shorter retention drops', () => {
    const form = formOf({ ...SETTINGS, sessionRetentionDays: 90, activityRetentionDays: 90, factRetentionDays: 90 });
    expect(shortened(form, SETTINGS).map(({ days }) => days)).toEqual([90, 90, 90]);
    const before = { ...SETTINGS, sessionRetentionDays: 90, activityRetentionDays: 91, factRetentionDays: 89 };
    expect(shortened(form, before)).toEqual([{ what: 'activities', days: 90 }]);
    expect(shortened(formOf(SETTINGS), before)).toEqual([]);
    expect(validateSettings({ ...form, numbers: { ...form.numbers, factRetentionDays: '30' } })).toEqual({
      'numbers.factRetentionDays': '"Other facts are kept, days" is a whole number from 31 to 36500, or 0 for forever',
    });
  });
});

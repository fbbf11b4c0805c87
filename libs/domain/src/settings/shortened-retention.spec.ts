import { expect, it } from 'vitest';
import { DEFAULT_RETENTION } from './session-settings.js';
import { shortenedRetention } from './shortened-retention.js';

it('names what is dropped by a time that is shorter, or the first one', () => {
  const before = { sessionRetentionDays: 90, activityRetentionDays: 91, factRetentionDays: 89 };
  const all = { sessionRetentionDays: 90, activityRetentionDays: 90, factRetentionDays: 90 };
  expect(shortenedRetention(all, DEFAULT_RETENTION).map(({ days }) => days)).toEqual([90, 90, 90]);
  expect(shortenedRetention(all, before)).toEqual([{ what: 'activities', days: 90 }]);
  expect(shortenedRetention({ sessionRetentionDays: 89 }, before)).toEqual([
    { what: 'records of sessions and their facts', days: 89 },
  ]);
});

it('names nothing for what stays, is kept longer or forever, or is not allowed', () => {
  const before = { sessionRetentionDays: 90, activityRetentionDays: 90, factRetentionDays: 90 };
  for (const asked of [{}, before, DEFAULT_RETENTION, { sessionRetentionDays: 91 }, { factRetentionDays: 30 }])
    expect(shortenedRetention(asked, before)).toEqual([]);
});

import { parseSetting, type RetentionSettings } from './session-settings.js';

/** What each setting of retention keeps, in a sentence. */
const KEPT: Readonly<Record<keyof RetentionSettings, string>> = {
  sessionRetentionDays: 'records of sessions and their facts',
  activityRetentionDays: 'activities',
  factRetentionDays: 'facts of health and services',
};

/**
 * What evidence a change of the settings drops that was not dropped before, and how old that is. A time that is not allowed
 * drops nothing: it is rejected.
 * @param asked the settings that are changed
 */
export function shortenedRetention(
  asked: Partial<RetentionSettings>,
  before: RetentionSettings,
): { readonly what: string; readonly days: number }[] {
  return (Object.keys(KEPT) as (keyof RetentionSettings)[]).flatMap((name) => {
    const days = asked[name] ?? 0;
    const was = before[name];
    return days > 0 && parseSetting(name, days).ok && (was === 0 || days < was) ? [{ what: KEPT[name], days }] : [];
  });
}

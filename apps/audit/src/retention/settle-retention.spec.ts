import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { settleRetention } from './settle-retention.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

it('keeps evidence for a shorter time only a day after the settings say so, and for a longer time at once', async () => {
  const at = async (days: number) => (await settleRetention(database, { sessions: days, activities: 0, facts: 0 }, 31)).sessions;
  const pass = (seconds: number) => database.query('update stream_position set age_seconds = age_seconds + $1', [seconds]);
  const near = (at: Date | null, days: number) =>
    expect((Date.now() - (at?.getTime() ?? 0)) / 86_400_000).toBeGreaterThanOrEqual(days - 2);
  expect(await at(90)).toBeNull();
  await pass(86_399);
  expect(await at(90)).toBeNull();
  await pass(1);
  near(await at(90), 90);
  near(await at(40), 90);
  await pass(80_000);
  near(await at(35), 90); // another change, another day
  await pass(80_000);
  near(await at(35), 90);
  await pass(6400);
  expect((await at(35))?.getTime()).toBeGreaterThan(Date.now() - 40 * 86_400_000);
  near(await at(80), 80);
  expect(await at(0)).toBeNull();
});

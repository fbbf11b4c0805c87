import type { InputOf, listActivities, OutputOf } from '@sluice/contracts';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource } from 'typeorm';
import { type ActivityRow, activityOf } from './activity-row.js';

/** One page of activities that the filters hold for, newest first. */
export async function pageOfActivities(
  database: DataSource,
  input: InputOf<typeof listActivities>,
): Promise<OutputOf<typeof listActivities>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, { key: 'time', id: 'uuid' });
  const where: string[] = ['true'];
  const values: unknown[] = [];
  const given = (value: string | undefined, condition: (place: string) => string) => {
    if (value === undefined) return;
    values.push(value);
    where.push(condition(`$${values.length}`));
  };
  given(input.actor, (p) => `(actor_id = ${p} or lower(actor_email) = lower(${p}))`);
  given(input.action, (p) => `verb = lower(${p})`);
  given(input.kind, (p) => `object_kind = lower(${p})`);
  given(
    input.object,
    (p) => `(object_id = ${p} or lower(object_name) = lower(${p}) or member_id = ${p} or lower(member_name) = lower(${p}))`,
  );
  given(input.since, (p) => `at >= ${p}::timestamptz`);
  given(input.until, (p) => `at < ${p}::timestamptz`);
  if (after) {
    values.push(after[0], after[1]);
    where.push(`(at, id) < ($${values.length - 1}::timestamptz, $${values.length}::uuid)`);
  }
  const rows = await database.query<(ActivityRow & { at_key: string })[]>(
    `select *, at::text as at_key from activity where ${where.join(' and ')} order by at desc, id desc limit ${input.limit + 1}`,
    values,
  );
  return pageOf(rows, input.limit, (row) => [row.at_key, row.id], activityOf);
}

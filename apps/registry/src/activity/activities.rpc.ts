import { Controller } from '@nestjs/common';
import { listActivities, notFound, showActivity } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { decodeCursor, pageOf } from '@sluice/persistence';
import { DataSource } from 'typeorm';
import { type ActivityRow, activityOf } from './activity-row.js';

/** Handles the operations on activities. */
@Controller()
export class ActivitiesRpc {
  constructor(private readonly database: DataSource) {}

  @Answers(listActivities)
  async list({ input }: Call<typeof listActivities>) {
    const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
    const rows = await this.database.query<(ActivityRow & { at_key: string })[]>(
      'select *, at::text as at_key from activity where ($1::timestamptz is null or (at, id) < ($1, $2::uuid)) order by at desc, id desc limit $3',
      [after?.[0] ?? null, after?.[1] ?? null, input.limit + 1],
    );
    return pageOf(rows, input.limit, (row) => [row.at_key, row.id], activityOf);
  }

  @Answers(showActivity)
  async show({ input: { id } }: Call<typeof showActivity>) {
    const [row] = await this.database.query<ActivityRow[]>('select * from activity where id = $1', [id]);
    if (!row) throw notFound('activity', id);
    return activityOf(row);
  }
}

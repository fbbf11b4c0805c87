import { Controller } from '@nestjs/common';
import { listActivities, notFound, showActivity } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { type ActivityRow, activityOf } from './activity-row.js';
import { pageOfActivities } from './page-of-activities.js';

/** Handles the operations on activities. */
@Controller()
export class ActivitiesRpc {
  constructor(private readonly database: DataSource) {}

  @Answers(listActivities)
  list({ input }: Call<typeof listActivities>) {
    return pageOfActivities(this.database, input);
  }

  @Answers(showActivity)
  async show({ input: { id } }: Call<typeof showActivity>) {
    const [row] = await this.database.query<ActivityRow[]>('select * from activity where id = $1', [id]);
    if (!row) throw notFound('activity', id);
    return activityOf(row);
  }
}

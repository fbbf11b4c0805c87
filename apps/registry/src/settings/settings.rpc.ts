import { Controller } from '@nestjs/common';
import { showSettings, updateSettings, wantedRetention } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { readSettings, updateSettingsIn } from './settings.js';

/** Handles the operations on the organization's settings. */
@Controller()
export class SettingsRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
  ) {}

  @Answers(showSettings)
  show() {
    return readSettings(this.database);
  }

  /** The audit service asks; it decides itself from when on a shorter time counts. */
  @Answers(wantedRetention)
  async retention() {
    const { sessionRetentionDays, activityRetentionDays, factRetentionDays } = await readSettings(this.database);
    return { sessions: sessionRetentionDays, activities: activityRetentionDays, facts: factRetentionDays };
  }

  @Answers(updateSettings)
  update(call: Call<typeof updateSettings>) {
    return this.changes.makeFor(updateSettings, call, (change) => updateSettingsIn(change, call.input));
  }
}

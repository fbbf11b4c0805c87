import { Controller } from '@nestjs/common';
import { type Actor, droppedActivities, liftHold, listHolds, placeHold, showHold, showRetention } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { AuditConfig } from '../config.js';
import { find, lift, pageOfHolds, place } from './holds.js';
import { forgetActivities } from './forget-activities.js';
import { readRetention } from './read-retention.js';
import { askRetention } from './settle-retention.js';

/** Handles the operations on retention and legal holds, and what the registry asks of holds once it has recorded who wants them. */
@Controller()
export class RetentionRpc {
  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
    private readonly config: AuditConfig,
  ) {}

  /** With what the settings say at this moment, if the registry responds. */
  @Answers(showRetention)
  async show() {
    await askRetention(this.database, this.bus, this.config.minimumRetentionDays).catch(() => undefined);
    return readRetention(this.database);
  }

  @Answers(listHolds)
  list({ input }: Call<typeof listHolds>) {
    return pageOfHolds(this.database, input);
  }

  @Answers(showHold)
  find({ input }: Call<typeof showHold>) {
    return find(this.database, input.id);
  }

  @Answers(placeHold)
  place({ input, actor }: Call<typeof placeHold>) {
    return place(this.database, actor as Actor, input);
  }

  @Answers(droppedActivities)
  async activities({ input }: Call<typeof droppedActivities>) {
    return { activities: await forgetActivities(this.database, input.done) };
  }

  @Answers(liftHold)
  lift({ input, actor }: Call<typeof liftHold>) {
    return lift(this.database, actor as Actor, input.id);
  }
}

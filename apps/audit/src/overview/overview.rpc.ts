import { Controller } from '@nestjs/common';
import { type Overview, showOverview } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { Answers } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { countWaitingFacts } from '../ingest/audit-stream.js';
import { OverviewReader } from './read-overview.js';

/** Handles the overview. */
@Controller()
export class OverviewRpc {
  private readonly reader: OverviewReader;

  constructor(
    database: DataSource,
    private readonly bus: Bus,
  ) {
    this.reader = new OverviewReader(database);
  }

  @Answers(showOverview)
  async show(): Promise<Overview> {
    return { at: new Date().toISOString(), ...(await this.reader.read()), factsWaiting: await countWaitingFacts(this.bus) };
  }
}

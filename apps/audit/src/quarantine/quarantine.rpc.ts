import { Controller } from '@nestjs/common';
import { listQuarantine, retryQuarantine } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { pageOfQuarantine, retryQuarantined } from './quarantine.js';

/** Handles the operations on quarantined facts. */
@Controller()
export class QuarantineRpc {
  constructor(private readonly database: DataSource) {}

  @Answers(listQuarantine)
  list({ input }: Call<typeof listQuarantine>) {
    return pageOfQuarantine(this.database, input);
  }

  @Answers(retryQuarantine)
  retry({ input }: Call<typeof retryQuarantine>) {
    return retryQuarantined(this.database, input.id);
  }
}

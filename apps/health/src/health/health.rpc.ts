import { Controller } from '@nestjs/common';
import { checkServer } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { HealthWatch } from './health-watch.js';

/** Answers what concerns health. */
@Controller()
export class HealthRpc {
  constructor(private readonly watch: HealthWatch) {}

  @Answers(checkServer)
  check({ input }: Call<typeof checkServer>) {
    return this.watch.checkNow(input.id);
  }
}

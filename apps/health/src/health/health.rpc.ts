import { Controller } from '@nestjs/common';
import { checkServer } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { HealthWatch } from './health-watch.js';

/** Handles the operations on the health of servers. */
@Controller()
export class HealthRpc {
  constructor(private readonly watch: HealthWatch) {}

  @Answers(checkServer)
  check({ input }: Call<typeof checkServer>) {
    return this.watch.checkNow(input.id, input.tls);
  }
}

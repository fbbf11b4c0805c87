import { Controller } from '@nestjs/common';
import { type OutputOf, settleReaders, showDeliveries } from '@sluice/contracts';
import { Answers } from '@sluice/messaging/nest';
import { ReaderConsumers } from './reader-consumers.js';

/** Handles what the registry asks about the consumers of SIEM readers. */
@Controller()
export class SiemRpc {
  constructor(private readonly consumers: ReaderConsumers) {}

  @Answers(settleReaders)
  async settle(): Promise<OutputOf<typeof settleReaders>> {
    await this.consumers.settle();
    return {};
  }

  @Answers(showDeliveries)
  async deliveries(): Promise<OutputOf<typeof showDeliveries>> {
    return { deliveries: (await this.consumers.readers()).map(({ consumer, delivery }) => ({ consumer, delivery })) };
  }
}

import { Controller } from '@nestjs/common';
import { AUDIT_STREAM, type DeliveryStatus, OCSF_STREAM, type ReaderStream, showDelivery } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { Answers } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { ReaderConsumers } from '../siem/reader-consumers.js';
import { PresentRelays } from './present-relays.js';
import { readGaps, readRelays } from './read-chains.js';

/** Shows how far facts have come. */
@Controller()
export class DeliveryRpc {
  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
    private readonly relays: PresentRelays,
    private readonly consumers: ReaderConsumers,
  ) {}

  @Answers(showDelivery)
  async show(): Promise<DeliveryStatus> {
    const readers = await this.consumers.readers();
    return {
      at: new Date().toISOString(),
      stream: await this.stateOf(AUDIT_STREAM),
      ocsf: this.consumers.wantsOcsf ? await this.stateOf(OCSF_STREAM).catch(() => null) : null,
      readers: readers.map(({ kind, id, name, stream, delivery }) => ({ kind, id, name, stream, delivery })),
      relays: await readRelays(this.database, this.relays.list()),
      gaps: await readGaps(this.database),
    };
  }

  private async stateOf(stream: ReaderStream): Promise<DeliveryStatus['stream']> {
    const { state, config } = await this.bus.manager.streams.info(stream);
    return {
      firstNumber: state.first_seq,
      lastNumber: state.last_seq,
      firstAt: state.messages === 0 ? null : new Date(state.first_ts).toISOString(),
      bytes: state.bytes,
      limitBytes: config.max_bytes,
    };
  }
}

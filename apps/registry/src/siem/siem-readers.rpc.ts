import { Controller } from '@nestjs/common';
import {
  createSiemReader,
  deleteSiemReader,
  listSiemReaders,
  type OutputOf,
  replaySiemReader,
  rotateSiemReader,
  settleReaders,
  showDeliveries,
  showSiemReader,
  type SiemCredentials,
  type SiemReader,
  wantedReaders,
} from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { Answers, type Call, type Caller } from '@sluice/messaging/nest';
import { Log } from '@sluice/process';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { RegistryConfig } from '../config.js';
import {
  createReader,
  deleteReader,
  type Deliveries,
  findReader,
  type NewReader,
  pageOfReaders,
  readWanted,
  replayReader,
  rotateReader,
  withDelivery,
} from './siem-readers.js';

/** Before the audit service was asked, it is not known how far consumers have come. */
const UNKNOWN: Deliveries = new Map();

/**
 * Handles the operations on SIEM readers. The registry keeps and signs them; the audit service, which owns the stream, makes their
 * consumers. It is asked to do so after each change, and looks by itself too, so a change succeeds while it is away.
 */
@Controller()
export class SiemReadersRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly config: RegistryConfig,
    private readonly bus: Bus,
    private readonly log: Log,
  ) {}

  @Answers(listSiemReaders)
  list(call: Call<typeof listSiemReaders>) {
    return pageOfReaders(this.database, call.input, () => this.deliveries(call));
  }

  @Answers(showSiemReader)
  async show(call: Call<typeof showSiemReader>) {
    const reader = await findReader(this.database.manager, call.input.id);
    return { ...withDelivery(reader, await this.deliveries(call)), ...this.natsOfClients };
  }

  @Answers(createSiemReader)
  async create(call: Call<typeof createSiemReader>) {
    const by = call.actor?.email ?? '';
    const made = await this.changes.makeFor(createSiemReader, call, async (change) =>
      this.answer(await createReader(change, this.config.busReaders, by, call.input)),
    );
    return this.settled(call, made);
  }

  @Answers(rotateSiemReader)
  async rotate(call: Call<typeof rotateSiemReader>) {
    const made = await this.changes.makeFor(rotateSiemReader, call, async (change) =>
      this.answer(await rotateReader(change, this.config.busReaders, call.input)),
    );
    return this.settled(call, made);
  }

  @Answers(replaySiemReader)
  async replay(call: Call<typeof replaySiemReader>) {
    const reader = await this.changes.makeFor(replaySiemReader, call, async (change) =>
      withDelivery(await replayReader(change, call.input), UNKNOWN),
    );
    return this.settled(call, reader);
  }

  @Answers(deleteSiemReader)
  async delete(call: Call<typeof deleteSiemReader>): Promise<OutputOf<typeof deleteSiemReader>> {
    await this.changes.makeFor(deleteSiemReader, call, async (change) => {
      await deleteReader(change, call.input);
      return {};
    });
    await this.settle(call);
    return {};
  }

  @Answers(wantedReaders)
  async wanted() {
    return { readers: await readWanted(this.database) };
  }

  private answer({ reader, credentials }: NewReader): SiemCredentials {
    return { ...withDelivery(reader, UNKNOWN), credentials, ...this.natsOfClients };
  }

  /** Where clients find NATS, and the authority of its certificate. */
  private get natsOfClients(): { servers: string[]; ca: string | null } {
    const { nodeNatsServers: servers, bus } = this.config;
    return { servers, ca: bus.ca ?? null };
  }

  /** What was changed, with the state of its consumer once the audit service has made it. */
  private async settled<T extends SiemReader>(caller: Caller, changed: T): Promise<T> {
    await this.settle(caller);
    return withDelivery(changed, await this.deliveries(caller));
  }

  private async settle(caller: Caller): Promise<void> {
    await this.bus
      .call(settleReaders, {}, caller)
      .catch((error: unknown) =>
        this.log.warn({ err: error }, 'the consumers of SIEM readers are not changed yet; the audit service will do it'),
      );
  }

  /** How far the consumers have come; empty if the audit service does not respond. */
  private async deliveries(caller: Caller): Promise<Deliveries> {
    const known = await this.bus.call(showDeliveries, {}, caller).catch(() => ({ deliveries: [] }));
    return new Map(known.deliveries.map(({ consumer, delivery }) => [consumer, delivery]));
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  AUDIT_STREAM,
  type DeliveryStatus,
  FACT_CONSUMER,
  OCSF_CONSUMER,
  OCSF_STREAM,
  READER_STREAMS,
  type ReaderStream,
  type WantedReader,
  wantedReaders,
} from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { errorMessage, Log } from '@sluice/process';
import type { ReportsReadiness } from '@sluice/process/nest';
import { DataSource } from 'typeorm';
import { AuditConfig } from '../config.js';
import { readDelivery } from './read-delivery.js';
import { noteDeliveries } from './consumer-metrics.js';
import { settleOcsf } from './ocsf-stream.js';
import { consumersOf, readersOf, settleConsumers } from './settle-consumers.js';

const EVERY_MS = 15_000;
const RETRY_MS = 2000;
/** The failure in a row that is logged: at a first start the registry and the stream of facts appear a moment later. */
const NOTED_FAILURE = 5;
/** How long stopping waits for a call that may never be answered, in milliseconds. */
const STOP_WITHIN_MS = 2000;
/** An advisory lock: of several copies of this service one at a time changes consumers. */
const LOCK = 71_002;

/** Who reads a stream of events. */
export type FactReader = DeliveryStatus['readers'][number] & { readonly consumer: string };
/** The consumers of the audit service itself, by the names that they have in lists. */
const OWN = [FACT_CONSUMER, OCSF_CONSUMER] as const;

/**
 * Keeps the consumers of SIEM readers as the registry says: after each change, at the start, and every fifteen seconds, so that
 * what was changed while this service or the registry was away is made good.
 */
@Injectable()
export class ReaderConsumers implements OnApplicationBootstrap, BeforeApplicationShutdown, ReportsReadiness {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  /** The readers as the registry last said, by their consumers. */
  private wanted: ReadonlyMap<string, WantedReader> = new Map();
  /** Why the stream of OCSF events is not as it should be; undefined if it is. */
  private trouble: string | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly database: DataSource,
    private readonly config: AuditConfig,
    private readonly log: Log,
  ) {}

  /** Whether there are readers of OCSF events, as the registry last said. */
  get wantsOcsf(): boolean {
    return readersOf(OCSF_STREAM, [...this.wanted.values()]).length > 0;
  }

  readiness(): { degraded: string[] } {
    return { degraded: this.trouble === undefined ? [] : [`readers of OCSF receive nothing: ${this.trouble}`] };
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.running, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
  }

  /** Makes and removes consumers. @throws Error if the registry, NATS or the database does not respond */
  async settle(): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
      const { readers } = await this.bus.call(wantedReaders, {}, { requestId: randomUUID() }); // read under the lock, so that no older state is applied after a newer one
      await settleConsumers(this.bus, AUDIT_STREAM, readers);
      await this.settleOcsf(readers);
      this.wanted = new Map(readers.map((reader) => [reader.consumer, reader]));
    });
  }

  /** If there is no room for the stream of OCSF events, that must not concern the readers of the other one. */
  private async settleOcsf(readers: readonly WantedReader[]): Promise<void> {
    try {
      await settleOcsf(this.bus, readers, this.config);
      this.trouble = undefined;
    } catch (error) {
      if (this.trouble === undefined)
        this.log.error({ err: error }, 'the stream of OCSF events cannot be kept; it will be retried');
      this.trouble = errorMessage(error);
    }
  }

  /** Who reads the streams of events, and how far each has come: the audit service itself first. */
  async readers(): Promise<FactReader[]> {
    const streams = READER_STREAMS.filter((stream) => stream !== OCSF_STREAM || (this.wantsOcsf && this.trouble === undefined));
    const all = await Promise.all(streams.map((stream) => this.readersIn(stream)));
    const rank = ({ name, kind }: FactReader) => (kind === 'siem' ? OWN.length : OWN.findIndex((own) => own === name));
    return all.flat().sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  }

  private async readersIn(stream: ReaderStream): Promise<FactReader[]> {
    const all = (await consumersOf(this.bus, stream)).map(async (info): Promise<FactReader[]> => {
      const reader = this.wanted.get(info.name);
      const own = OWN.find((name) => name === info.name);
      const kind = own ?? 'siem';
      if (own === undefined && reader === undefined) return []; // it is about to be removed
      const delivery = await readDelivery(this.bus, info);
      return [{ kind, id: reader?.id ?? null, name: reader?.name ?? kind, stream, consumer: info.name, delivery }];
    });
    return (await Promise.all(all)).flat();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (this.bus.connected) {
          await this.settle();
          noteDeliveries(await this.readers());
        }
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === NOTED_FAILURE)
          this.log.warn({ err: error }, 'the consumers of SIEM readers cannot be checked; it will be retried');
      }
      await sleep(failures > 0 ? RETRY_MS : EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { type DeliveryStatus, FACT_CONSUMER, type WantedReader, wantedReaders } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { Log } from '@sluice/process';
import { DataSource } from 'typeorm';
import { readDelivery } from './read-delivery.js';
import { noteDeliveries } from './consumer-metrics.js';
import { factConsumers, settleConsumers } from './settle-consumers.js';

const EVERY_MS = 15_000;
const RETRY_MS = 2000;
/** The failure in a row that is logged: at a first start the registry and the stream of facts appear a moment later. */
const NOTED_FAILURE = 5;
/** How long stopping waits for a call that may never be answered, in milliseconds. */
const STOP_WITHIN_MS = 2000;
/** An advisory lock: of several copies of this service one at a time changes consumers. */
const LOCK = 71_002;

/** Who reads the stream of facts. */
export type FactReader = DeliveryStatus['readers'][number] & { readonly consumer: string };

/**
 * Keeps the consumers of SIEM readers as the registry says: after each change, at the start, and every fifteen seconds, so that
 * what was changed while this service or the registry was away is made good.
 */
@Injectable()
export class ReaderConsumers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  /** The readers as the registry last said, by their consumers. */
  private wanted: ReadonlyMap<string, WantedReader> = new Map();

  constructor(
    private readonly bus: Bus,
    private readonly database: DataSource,
    private readonly log: Log,
  ) {}

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
      await settleConsumers(this.bus, readers);
      this.wanted = new Map(readers.map((reader) => [reader.consumer, reader]));
    });
  }

  /** Who reads the stream of facts, and how far each has come: the audit service itself first. */
  async readers(): Promise<FactReader[]> {
    const all = await Promise.all(
      (await factConsumers(this.bus)).map(async (info): Promise<FactReader[]> => {
        const reader = this.wanted.get(info.name);
        if (reader === undefined && info.name !== FACT_CONSUMER) return []; // it is about to be removed
        const kind = reader === undefined ? 'records' : 'siem';
        const delivery = await readDelivery(this.bus, info);
        return [{ kind, id: reader?.id ?? null, name: reader?.name ?? 'records', consumer: info.name, delivery }];
      }),
    );
    return all.flat().sort((a, b) => a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name));
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

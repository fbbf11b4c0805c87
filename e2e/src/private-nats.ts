import { rmSync } from 'node:fs';
import { startNats } from '@sluice/embedded';
import {
  busServerConfig,
  type BusUser,
  makeAccountSeed,
  makeAccountSeeds,
  makeBusUser,
  publicKeyOf,
} from '@sluice/identity/bus-authority';
import { Bus } from '@sluice/messaging';
import { testFolder } from '@sluice/testing';

const EVERYTHING = { publish: ['>'], subscribe: ['>'] };

/** A separate NATS server for a test, with one user of the registry's account who may publish and subscribe to everything. */
export class PrivateNats {
  private constructor(
    private readonly url: string,
    private readonly user: BusUser,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<PrivateNats> {
    const folder = testFolder('nats');
    const seeds = makeAccountSeeds();
    const nats = await startNats(folder, await busServerConfig(seeds, publicKeyOf(makeAccountSeed())));
    return new PrivateNats(nats.url, await makeBusUser(seeds.registry, 'all', EVERYTHING), async () => {
      await nats.stop();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  /** Joins, each time as another connection of the same user. */
  join(): Promise<Bus> {
    return Bus.connect({ servers: [this.url], user: 'all', ...this.user });
  }
}

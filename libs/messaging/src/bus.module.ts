import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from './bus/bus.js';
import type { BusOptions } from './bus/bus-options.js';

/** What this library logs to. */
export interface BusLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Provides the service's `Bus`, which is connected before anything that uses it is created, and closed last. It is global because Nest stops
 * global modules after all others, whatever imports what.
 */
@Module({})
export class BusModule implements OnApplicationShutdown {
  constructor(private readonly bus: Bus) {}

  /** @param options `onStatus` is the log */
  static connect(options: Omit<BusOptions, 'onStatus'>, log: BusLog): DynamicModule {
    const onStatus = (up: boolean, detail: string) => log.warn({ up, detail }, 'bus');
    return {
      module: BusModule,
      global: true,
      providers: [{ provide: Bus, useFactory: () => Bus.connect({ ...options, onStatus }) }],
      exports: [Bus],
    };
  }

  /** Reports a degraded service while the bus is away: each part continues with what it has. */
  readiness(): { degraded: string[] } {
    return { degraded: this.bus.connected ? [] : ['NATS is not connected'] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }
}

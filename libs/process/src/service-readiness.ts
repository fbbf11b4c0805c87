import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { Readiness } from './operations-server.js';
import type { RunningService } from './run-service.js';

/** Implemented by a provider or module that knows whether the service can do its work. It is found by its method, like Nest's life-cycle hooks. */
export interface ReportsReadiness {
  readiness(): Partial<Readiness> | Promise<Partial<Readiness>>;
}

const reportsReadiness = (instance: unknown): instance is ReportsReadiness =>
  typeof (instance as Partial<ReportsReadiness> | null | undefined)?.readiness === 'function';

/** The readiness of a Nest application: everything that its providers and modules report. */
@Injectable()
export class ServiceReadiness {
  constructor(private readonly modules: ModulesContainer) {}

  async read(): Promise<Readiness> {
    const instances = [...this.modules.values()].flatMap(({ providers }) =>
      [...providers.values()].map(({ instance }): unknown => instance),
    );
    const reports = await Promise.all(instances.filter(reportsReadiness).map((instance) => instance.readiness()));
    return {
      problems: reports.flatMap(({ problems }) => problems ?? []),
      degraded: reports.flatMap(({ degraded }) => degraded ?? []),
    };
  }
}

/** A Nest application as a service for `runService`: its readiness is what its providers report, and its life-cycle hooks stop it. Its module provides `ServiceReadiness`. */
export const serviceOf = (app: INestApplicationContext): RunningService => ({
  ready: () => app.get(ServiceReadiness).read(),
  stop: () => app.close(),
});

import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type DatabaseOptions, openDatabase } from './database.js';

/** Provides the service's `DataSource`, which is connected before anything that uses it is created, and closed after all of that has stopped. */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly database: DataSource) {}

  static open(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: DataSource, useFactory: () => openDatabase(options) }],
      exports: [DataSource],
    };
  }

  /** Reports a problem while PostgreSQL does not respond. */
  async readiness(): Promise<{ problems: string[] }> {
    const answers = await this.database.query('select 1').then(
      () => true,
      () => false,
    );
    return { problems: answers ? [] : ['PostgreSQL does not respond'] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.destroy();
  }
}

import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';

/** A service's own corner of PostgreSQL. */
export interface DatabaseOptions {
  /** Connection URL with the service's own role. Secret. */
  readonly url: string;
  /** The schema that the service owns; it sees no other. */
  readonly schema: string;
  readonly tables: EntitySchema[];
  readonly poolSize?: number;
}

/** Connects to the service's schema; lost connections come back with the next query. */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    schema: options.schema,
    entities: options.tables,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: 3000,
    installExtensions: false,
    applicationName: `sluice-${options.schema}`,
    extra: { options: `-c search_path=${options.schema}`, statement_timeout: 15_000, keepAlive: true },
    poolErrorHandler: () => undefined,
  });
  return source.initialize();
}

/** Brings a schema up to date, as its owner. The schema and its history table are made when missing. */
export async function migrate(url: string, schema: string, migrations: (new () => MigrationInterface)[]): Promise<string[]> {
  const source = new DataSource({
    type: 'postgres',
    url,
    schema,
    entities: [],
    migrations,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    connectTimeoutMS: 5000,
    extra: { options: `-c search_path=${schema}`, max: 1 },
  });
  await source.initialize();
  try {
    await source.query(`create schema if not exists ${schema}`);
    await source.query('select pg_advisory_lock(7219)');
    return (await source.runMigrations()).map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { RELEASE } from '@sluice/domain';
import pg from 'pg';
import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { ImpatientClient, STATEMENT_MS } from './impatient-client.js';
import { NOTICE_LOST_SERVER, sessionOptions } from './lost-peers.js';

/** How a service connects to its own schema. */
export interface DatabaseOptions {
  /** Connection URL with the service's own role. Secret. */
  readonly url: string;
  /** The schema of the service, which has no access to any other. */
  readonly schema: string;
  readonly tables: EntitySchema[];
  /** The migrations of this release. If they are given, a schema that lacks one of them is not used. */
  readonly migrations?: readonly (new () => MigrationInterface)[];
  readonly poolSize?: number;
  /** How long to wait for an unavailable server, in milliseconds; half a minute by default. */
  readonly waitMs?: number;
}

/** The server is unavailable, or has not started yet. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';
}

/** The schema has not been migrated to this release yet. */
export class SchemaBehindError extends Error {
  override readonly name = 'SchemaBehindError';
}

/** The driver is passed explicitly, because TypeORM would not find it in a bundle. */
const POSTGRES = { type: 'postgres', driver: pg } as const;
const START_WITHIN_MS = 30_000;
const START_RETRY_MS = 500;

/**
 * Connects to the service's schema, and waits for a server that is slow or has not started yet. Lost connections are restored with
 * the next query. It waits for the migrations too: on Kubernetes a service may start before their Job has ended.
 * @throws DatabaseAwayError if it could not be reached in time, SchemaBehindError if it was not migrated in time, Error if it refused the connection
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const deadline = Date.now() + (options.waitMs ?? START_WITHIN_MS);
  for (;;) {
    try {
      return await connectOnce(options);
    } catch (error) {
      const isBehind = error instanceof SchemaBehindError;
      if (!isBehind && !isAway(error)) throw error;
      if (isBehind && Date.now() >= deadline) throw error;
      if (Date.now() >= deadline) throw new DatabaseAwayError(`PostgreSQL does not respond: ${whyAway(error)}`, { cause: error });
      await sleep(START_RETRY_MS);
    }
  }
}

const AWAY = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', '57P03'];

/** Whether an error means that the server is unavailable or has not started yet, so that waiting may help. */
const isAway = (error: unknown): boolean =>
  AWAY.includes(String((error as { code?: unknown }).code)) ||
  /connection timeout|terminated|timeout exceeded/i.test((error as Error).message);

/** Node's error has no message of its own if a name has several addresses and none of them accepts the connection. */
const whyAway = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(whyAway).join('; ') : (error as Error).message;

async function connectOnce(options: DatabaseOptions): Promise<DataSource> {
  const source = await new DataSource({
    ...POSTGRES,
    url: options.url,
    schema: options.schema,
    entities: options.tables,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: 3000,
    installExtensions: false,
    applicationName: `sluice-${options.schema}`,
    extra: {
      Client: ImpatientClient,
      options: sessionOptions({ search_path: options.schema }),
      statement_timeout: STATEMENT_MS,
      ...NOTICE_LOST_SERVER,
    },
    poolErrorHandler: () => undefined,
  }).initialize();
  try {
    if (options.migrations) await assertMigrated(source, options.schema, options.migrations);
    return source;
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

/** What PostgreSQL says if there is no table of migrations, or one of a release whose services may not read it. */
const NO_HISTORY = ['42P01', '42501'];

/** @throws SchemaBehindError if a migration has not run. One that this release does not know was made by a newer one, and only adds. */
async function assertMigrated(source: DataSource, schema: string, migrations: readonly (new () => MigrationInterface)[]) {
  const rows = await source.query<{ name: string }[]>('select name from migration').catch((error: { code?: unknown }) => {
    if (NO_HISTORY.includes(String(error.code))) return [];
    throw error;
  });
  const present = new Set(rows.map(({ name }) => name));
  const missing = migrations.map((made) => new made().name ?? made.name).filter((name) => !present.has(name));
  if (missing.length === 0) return;
  throw new SchemaBehindError(
    `the schema ${schema} was migrated by an older release: upgrade needed, at least to ${missing.at(-1)} of release ${RELEASE}. Run the migrations of this release (\`setup database\`) first`,
  );
}

/** Migrates a schema, as its owner. The schema and its history table are created if they do not exist. */
export async function migrate(url: string, schema: string, migrations: (new () => MigrationInterface)[]): Promise<string[]> {
  const source = new DataSource({
    ...POSTGRES,
    url,
    schema,
    entities: [],
    migrations,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    connectTimeoutMS: 5000,
    extra: { options: sessionOptions({ search_path: schema }), max: 1, ...NOTICE_LOST_SERVER },
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

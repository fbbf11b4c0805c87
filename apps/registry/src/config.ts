import {
  busCredentials,
  busReplicas,
  configuration,
  fileContent,
  list,
  milliseconds,
  operationsAddress,
  readerSigner,
  readSecretFile,
} from '@sluice/process';
import { z } from 'zod';

const database = {
  ownDatabaseUrl: ['DATABASE_URL', z.url().optional()],
  databaseUrlFile: ['DATABASE_URL_FILE', z.string().optional()],
} as const;

/** How to connect to the registry's database. */
class DatabaseConfig extends configuration(database) {
  /** With the registry's role. Secret. */
  readonly databaseUrl = this.ownDatabaseUrl ?? readSecretFile('DATABASE_URL_FILE', this.databaseUrlFile);
}

/** URL of the database with the registry's role, for a command that needs nothing else. Secret. @throws ConfigError */
export const readDatabaseUrl = (): string => new DatabaseConfig(process.env).databaseUrl;

/** The registry's configuration, read from its environment. */
export class RegistryConfig extends configuration({
  ...database,
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  natsServers: ['NATS_URL', list],
  ownNodeNatsServers: ['SLUICE_NODE_NATS_URL', list.optional()],
  bus: ['SLUICE_BUS_CREDENTIALS_FILE', busCredentials],
  /** How many NATS servers keep each stream and bucket that this service makes. */
  busReplicas: ['SLUICE_BUS_REPLICAS', busReplicas],
  /** The seed that signs the bus users of relays. Secret. */
  busRelaysSeed: ['SLUICE_BUS_RELAYS_SEED_FILE', fileContent],
  /** The key that signs SIEM readers. Secret. */
  busReaders: ['SLUICE_BUS_READERS_FILE', readerSigner],
  /** The key of 32 bytes that encrypts the authority's private key in the database. Secret. */
  caSealKey: ['SLUICE_CA_SEAL_KEY_FILE', fileContent.transform((hex) => Buffer.from(hex, 'hex'))],
  publicUrl: ['SLUICE_PUBLIC_URL', z.url().default('http://127.0.0.1:8080')],
  /** How long a worker may be silent before it is no longer listed, in milliseconds. */
  lostWorkersMs: ['SLUICE_LOST_WORKERS_SECONDS', z.coerce.number().min(15).max(31_536_000).default(300).transform(milliseconds)],
  /** How long a worker may be offline before it is deleted, in milliseconds. */
  forgetWorkersMs: [
    'SLUICE_FORGET_WORKERS_SECONDS',
    z.coerce
      .number()
      .min(1)
      .max(31_536_000)
      .default(24 * 3600)
      .transform(milliseconds),
  ],
  /** E-mail of the administrator who is created at the first start, if a password file is set too. */
  firstAdminEmail: ['SLUICE_FIRST_ADMIN_EMAIL', z.email().optional()],
  firstAdminPasswordFile: ['SLUICE_FIRST_ADMIN_PASSWORD_FILE', z.string().optional()],
  /** The file to which the token for the first relay is written at the first start. */
  firstNodeTokenFile: ['SLUICE_FIRST_NODE_TOKEN_FILE', z.string().optional()],
}) {
  /** With the registry's role. Secret. */
  readonly databaseUrl = this.ownDatabaseUrl ?? readSecretFile('DATABASE_URL_FILE', this.databaseUrlFile);
  /** The addresses at which nodes reach NATS; the registry's own unless configured otherwise. */
  readonly nodeNatsServers = this.ownNodeNatsServers ?? this.natsServers;
}

import { readFileSync } from 'node:fs';
import { type BusCredentials, hostPort, readBusCredentials, readEnvironment, readSecretFile } from '@sluice/process';
import { z } from 'zod';

const Environment = z.object({
  SLUICE_OPERATIONS_ADDRESS: hostPort.default({ host: '127.0.0.1', port: 0 }),
  DATABASE_URL: z.url().optional(),
  DATABASE_URL_FILE: z.string().optional(),
  NATS_URL: z.string().min(1),
  SLUICE_NODE_NATS_URL: z.string().optional(),
  SLUICE_BUS_CREDENTIALS_FILE: z.string(),
  SLUICE_BUS_RELAYS_SEED_FILE: z.string(),
  SLUICE_CA_SEAL_KEY_FILE: z.string(),
  SLUICE_PUBLIC_URL: z.url().default('http://127.0.0.1:8080'),
  SLUICE_FORGET_WORKERS_SECONDS: z.coerce
    .number()
    .min(1)
    .max(31_536_000)
    .default(24 * 3600),
  SLUICE_FIRST_ADMIN_EMAIL: z.email().optional(),
  SLUICE_FIRST_ADMIN_PASSWORD_FILE: z.string().optional(),
  SLUICE_FIRST_NODE_TOKEN_FILE: z.string().optional(),
});

/** URL of the database as the registry's role, for a command that needs nothing else. Secret. @throws ConfigError */
export function readDatabaseUrl(): string {
  const schema = Environment.pick({ DATABASE_URL: true, DATABASE_URL_FILE: true });
  const given = readEnvironment(schema, process.env);
  return given.DATABASE_URL ?? readSecretFile('DATABASE_URL_FILE', given.DATABASE_URL_FILE);
}

/** What the registry is told by its environment. */
export class RegistryConfig {
  readonly operations: { host: string; port: number };
  readonly databaseUrl: string;
  readonly natsServers: string[];
  /** Where nodes find NATS; the same as ours unless told otherwise. */
  readonly nodeNatsServers: string[];
  readonly bus: BusCredentials;
  readonly busRelaysSeed: string;
  /** 32 bytes with which the authority's key is sealed in the database. */
  readonly caSealKey: Buffer;
  readonly publicUrl: string;
  /** How long a worker may be away before it is deleted. */
  readonly forgetWorkersMs: number;
  readonly firstAdmin: { email: string; passwordFile: string } | undefined;
  readonly firstNodeTokenFile: string | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    const given = readEnvironment(Environment, env);
    this.operations = given.SLUICE_OPERATIONS_ADDRESS;
    this.databaseUrl = given.DATABASE_URL ?? readSecretFile('DATABASE_URL_FILE', given.DATABASE_URL_FILE);
    this.natsServers = given.NATS_URL.split(',');
    this.nodeNatsServers = (given.SLUICE_NODE_NATS_URL ?? given.NATS_URL).split(',');
    this.bus = readBusCredentials(given.SLUICE_BUS_CREDENTIALS_FILE);
    this.busRelaysSeed = readFileSync(given.SLUICE_BUS_RELAYS_SEED_FILE, 'utf8').trim();
    this.caSealKey = Buffer.from(readFileSync(given.SLUICE_CA_SEAL_KEY_FILE, 'utf8').trim(), 'hex');
    this.publicUrl = given.SLUICE_PUBLIC_URL;
    this.forgetWorkersMs = given.SLUICE_FORGET_WORKERS_SECONDS * 1000;
    this.firstAdmin =
      given.SLUICE_FIRST_ADMIN_EMAIL !== undefined && given.SLUICE_FIRST_ADMIN_PASSWORD_FILE !== undefined
        ? { email: given.SLUICE_FIRST_ADMIN_EMAIL, passwordFile: given.SLUICE_FIRST_ADMIN_PASSWORD_FILE }
        : undefined;
    this.firstNodeTokenFile = given.SLUICE_FIRST_NODE_TOKEN_FILE;
  }
}

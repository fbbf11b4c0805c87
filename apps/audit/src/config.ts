import { type BusCredentials, hostPort, readBusCredentials, readEnvironment, readSecretFile } from '@sluice/process';
import { z } from 'zod';

const Environment = z.object({
  SLUICE_OPERATIONS_ADDRESS: hostPort.default({ host: '127.0.0.1', port: 0 }),
  DATABASE_URL: z.url().optional(),
  DATABASE_URL_FILE: z.string().optional(),
  NATS_URL: z.string().min(1),
  SLUICE_BUS_CREDENTIALS_FILE: z.string(),
  SLUICE_AUDIT_GAP_SECONDS: z.coerce.number().int().min(1).default(600),
  SLUICE_AUDIT_PRESUME_SECONDS: z.coerce.number().int().min(10).default(900),
  SLUICE_AUDIT_STREAM_BYTES: z.coerce
    .number()
    .int()
    .min(100_000)
    .default(8 * 1024 ** 3),
  SLUICE_AUDIT_ALARM_PERCENT: z.coerce.number().min(0.01).max(100).default(5),
  SLUICE_AUDIT_RETENTION_DAYS: z.coerce.number().int().min(30).default(30),
});

/** What the audit service is told by its environment. */
export class AuditConfig {
  readonly operations: { host: string; port: number };
  readonly databaseUrl: string;
  readonly natsServers: string[];
  readonly bus: BusCredentials;
  /** Bytes of facts that JetStream keeps at most. It refuses more, and relays keep them. */
  readonly streamBytes: number;
  /** The share of these bytes, in percent, that one author may publish within an hour before an alarm is raised. */
  readonly alarmPercent: number;
  /** How long a relay may be silent before its sessions are presumed ended. */
  readonly presumeSeconds: number;
  /** How long JetStream keeps facts for subscribers, and a presumed end may still be corrected; PostgreSQL keeps facts for good. */
  readonly retentionDays: number;
  /** How long a missing number of a chain is waited for while later ones are there. */
  readonly gapSeconds: number;

  constructor(env: NodeJS.ProcessEnv) {
    const given = readEnvironment(Environment, env);
    this.operations = given.SLUICE_OPERATIONS_ADDRESS;
    this.databaseUrl = given.DATABASE_URL ?? readSecretFile('DATABASE_URL_FILE', given.DATABASE_URL_FILE);
    this.natsServers = given.NATS_URL.split(',');
    this.bus = readBusCredentials(given.SLUICE_BUS_CREDENTIALS_FILE);
    this.gapSeconds = given.SLUICE_AUDIT_GAP_SECONDS;
    this.presumeSeconds = given.SLUICE_AUDIT_PRESUME_SECONDS;
    this.retentionDays = given.SLUICE_AUDIT_RETENTION_DAYS;
    this.alarmPercent = given.SLUICE_AUDIT_ALARM_PERCENT;
    this.streamBytes = given.SLUICE_AUDIT_STREAM_BYTES;
  }
}

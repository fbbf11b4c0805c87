import { busCredentials, configuration, list, operationsAddress, readSecretFile } from '@sluice/process';
import { z } from 'zod';

/** What the audit service is configured with by its environment. */
export class AuditConfig extends configuration({
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  ownDatabaseUrl: ['DATABASE_URL', z.url().optional()],
  databaseUrlFile: ['DATABASE_URL_FILE', z.string().optional()],
  natsServers: ['NATS_URL', list],
  bus: ['SLUICE_BUS_CREDENTIALS_FILE', busCredentials],
  /** How long a missing number of a chain is waited for while later ones are there. */
  gapSeconds: ['SLUICE_AUDIT_GAP_SECONDS', z.coerce.number().int().min(1).default(600)],
  /** How long a relay may be silent before its sessions are presumed ended. */
  presumeSeconds: ['SLUICE_AUDIT_PRESUME_SECONDS', z.coerce.number().int().min(10).default(900)],
  /** Bytes of facts that JetStream keeps at most. It refuses more, and relays keep them. */
  streamBytes: [
    'SLUICE_AUDIT_STREAM_BYTES',
    z.coerce
      .number()
      .int()
      .min(100_000)
      .default(8 * 1024 ** 3),
  ],
  /** The share of these bytes, in percent, that one author may publish within an hour before an alarm is raised. */
  alarmPercent: ['SLUICE_AUDIT_ALARM_PERCENT', z.coerce.number().min(0.01).max(100).default(5)],
  /** How long JetStream keeps facts for subscribers, and a presumed end may still be corrected; PostgreSQL keeps facts for good. */
  retentionDays: ['SLUICE_AUDIT_RETENTION_DAYS', z.coerce.number().int().min(30).default(30)],
}) {
  /** Secret. */
  readonly databaseUrl = this.ownDatabaseUrl ?? readSecretFile('DATABASE_URL_FILE', this.databaseUrlFile);
}

import { busCredentials, busReplicas, configuration, list, operationsAddress, readSecretFile } from '@sluice/process';
import { z } from 'zod';

/** The audit service's configuration, read from its environment. */
export class AuditConfig extends configuration({
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  ownDatabaseUrl: ['DATABASE_URL', z.url().optional()],
  databaseUrlFile: ['DATABASE_URL_FILE', z.string().optional()],
  natsServers: ['NATS_URL', list],
  bus: ['SLUICE_BUS_CREDENTIALS_FILE', busCredentials],
  /** How many NATS servers keep each stream and bucket that this service makes. */
  busReplicas: ['SLUICE_BUS_REPLICAS', busReplicas],
  /** How long to wait for a missing number of a chain when later ones have arrived. */
  gapSeconds: ['SLUICE_AUDIT_GAP_SECONDS', z.coerce.number().int().min(1).default(600)],
  /** How long a relay may be silent before its sessions are presumed ended. */
  presumeSeconds: ['SLUICE_AUDIT_PRESUME_SECONDS', z.coerce.number().int().min(10).default(900)],
  /** The maximum size of the stream of facts. JetStream rejects facts beyond it, and relays keep those in their journals. */
  streamBytes: [
    'SLUICE_AUDIT_STREAM_BYTES',
    z.coerce
      .number()
      .int()
      .min(100_000)
      .default(8 * 1024 ** 3),
  ],
  /** The maximum size of the stream of OCSF events, which exists while there are readers of it. */
  ocsfBytes: [
    'SLUICE_AUDIT_OCSF_BYTES',
    z.coerce
      .number()
      .int()
      .min(100_000)
      .default(1024 ** 3),
  ],
  /** The share of the size of the stream of facts, in percent, that one author may publish within an hour before an alarm is raised. */
  alarmPercent: ['SLUICE_AUDIT_ALARM_PERCENT', z.coerce.number().min(0.01).max(100).default(5)],
  /** How long JetStream keeps facts, and a presumed end may still be corrected. PostgreSQL keeps facts indefinitely. */
  retentionDays: ['SLUICE_AUDIT_RETENTION_DAYS', z.coerce.number().int().min(30).default(30)],
}) {
  /** How long evidence is kept at least: JetStream could deliver a fact again that was dropped earlier. */
  readonly minimumRetentionDays = this.retentionDays + 1;
  /** Secret. */
  readonly databaseUrl = this.ownDatabaseUrl ?? readSecretFile('DATABASE_URL_FILE', this.databaseUrlFile);
}

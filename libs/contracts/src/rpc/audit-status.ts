import { z } from 'zod';

/** Subject on which every process of the audit service publishes whether it stores facts. */
export const AUDIT_STATUS = 'status.v1.audit';
/** How often it does so, in milliseconds. */
export const AUDIT_STATUS_INTERVAL_MS = 2000;
/** If no status has been received for this long, no audit service runs, in milliseconds. */
export const AUDIT_STATUS_LIMIT_MS = 10_000;

/**
 * Why a process of the audit service is not doing its work.
 *
 *   database       PostgreSQL does not take facts
 *   stream         NATS does not deliver facts
 *   fault          the service itself fails: its log and its own readiness say at what
 *   housekeeping   facts are stored, but gaps, integrity facts or lost sessions are not dealt with
 */
const AUDIT_TROUBLES = ['database', 'stream', 'fault', 'housekeeping'] as const;
/** Why a process of the audit service is not doing its work. */
export type AuditTrouble = (typeof AUDIT_TROUBLES)[number];

/** What a process of the audit service says about itself; `process` is a random id. It names no cause, since the readiness of a gateway is public. */
export const AuditStatus = z.object({ process: z.uuid(), trouble: z.enum(AUDIT_TROUBLES).nullable() });
/** What a process of the audit service says about itself. */
export type AuditStatus = z.infer<typeof AuditStatus>;

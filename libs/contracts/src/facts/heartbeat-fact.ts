import { z } from 'zod';

/** Subject of the audit service's heartbeat. */
export const AUDIT_HEARTBEAT = 'audit.v1.service.heartbeat.audit';
/** How often it is published, in milliseconds, however many copies of the service there are. */
export const AUDIT_HEARTBEAT_INTERVAL_MS = 60_000;

/**
 * Published once a minute while the audit service stores facts, so that a reader can distinguish a quiet system from one that is
 * silent. It is not part of a chain and is not stored in the database, because everything that it says follows from other facts.
 */
export const AuditHeartbeat = z.object({
  at: z.string(),
  /** All facts of the stream up to this number are stored. */
  through: z.int().min(0),
  /** `through` of the heartbeat before; the difference is how many facts were stored since. */
  before: z.int().min(0),
  /** Facts of the stream that are not stored yet. */
  waiting: z.int().min(0),
});
/** The audit service stores facts. */
export type AuditHeartbeat = z.infer<typeof AuditHeartbeat>;

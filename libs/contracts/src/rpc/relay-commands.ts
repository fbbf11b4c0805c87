import { z } from 'zod';
import { TlsSeen, TlsStart } from '../http/tls.js';
import { Id } from '../operation.js';

/** Subjects of one relay. Commands are requests of services; `stored` is published. */
export const relaySubjects = (nodeId: string) => ({
  endSession: `node.v1.${nodeId}.end-session`,
  probe: `node.v1.${nodeId}.probe`,
  stored: `node.v1.${nodeId}.stored`,
});

/** Ends one running session. */
export const EndSession = z.strictObject({
  sessionId: Id,
  by: z.object({ id: Id, email: z.string() }),
  why: z.string().nullable(),
});
/** Ends one running session. */
export type EndSession = z.infer<typeof EndSession>;
/** Whether the relay had that session. */
export const EndSessionReply = z.object({ found: z.boolean() });

/**
 * Asks a relay to check a resource. It names a resource, never a host and port. With `tls` the relay tries a TLS handshake after the
 * connect too; a relay of an earlier release does not answer that.
 */
export const Probe = z.strictObject({ resourceId: Id, tls: TlsStart.optional() });
/** The result of a probe. */
export const ProbeReply = z.object({
  reached: z.boolean(),
  error: z.string().nullable(),
  ms: z.number(),
  tls: TlsSeen.optional(),
});
/** The result of a probe. */
export type ProbeReply = z.infer<typeof ProbeReply>;

/** Sent by the audit service: all facts of the incarnation up to and including this number are in the database. */
export const StoredThrough = z.strictObject({ incarnation: Id, through: z.int().min(0) });

/** Subject on which the audit service publishes to every relay which facts of the stream it has not stored yet. */
export const FACTS_WAITING = 'stream.v1.audit.waiting';

/**
 * Sent by the audit service while it stores facts: the sequences that are in the stream but not stored yet; none if `to` is less
 * than `from`. A fact that was acknowledged with another sequence is either stored, or lost with its stream.
 */
export const FactsWaiting = z.object({ from: z.int().min(0), to: z.int().min(0) });
/** The facts of the stream that are not stored yet. */
export type FactsWaiting = z.infer<typeof FactsWaiting>;

import { z } from 'zod';
import { Id } from '../operation.js';

/** Subjects of one relay. Commands are asked by services; `stored` and `present` are told. */
export const relaySubjects = (nodeId: string) => ({
  endSession: `node.v1.${nodeId}.end-session`,
  probe: `node.v1.${nodeId}.probe`,
  stored: `node.v1.${nodeId}.stored`,
  present: `node.v1.${nodeId}.present`,
});

/** Ends one running session. */
export const EndSession = z.strictObject({
  sessionId: Id,
  by: z.object({ id: Id, email: z.string() }),
  why: z.string().nullable(),
});
/** Ends one running session. */
export type EndSession = z.infer<typeof EndSession>;
/** Whether the relay had it. */
export const EndSessionReply = z.object({ found: z.boolean() });

/** Asks a relay to try a resource. It names a resource, never a host and port. */
export const Probe = z.strictObject({ resourceId: Id });
/** What came of it. */
export const ProbeReply = z.object({ reached: z.boolean(), error: z.string().nullable(), ms: z.number() });
/** What came of a probe. */
export type ProbeReply = z.infer<typeof ProbeReply>;

/** Told by the audit service: all facts of the incarnation up to and including this number are in the database. */
export const StoredThrough = z.strictObject({ incarnation: Id, through: z.int().min(0) });

/** Told by every gateway and relay every few seconds. */
export const NodePresent = z.object({
  nodeId: Id,
  kind: z.enum(['gateway', 'relay']),
  name: z.string(),
  cluster: z.string().nullable(),
  sessions: z.int(),
  draining: z.boolean(),
  /** `host:port` at which agents find it: of every gateway, and of a relay that listens itself. */
  address: z.string().max(300).nullable(),
});
/** Told by every gateway and relay every few seconds. */
export type NodePresent = z.infer<typeof NodePresent>;
/** How often a node says that it is there, in milliseconds. */
export const PRESENCE_INTERVAL_MS = 3000;
/** A node not heard for this long is offline, in milliseconds. */
export const PRESENCE_LIMIT_MS = 10_000;

import { END_REASONS, EXACTNESS } from '@sluice/domain';
import { z } from 'zod';

/**
 * Maximum lengths of the texts of a session fact, in UTF-16 units; `tags` is the maximum number of tags. A relay cuts what it
 * writes to these limits, so that its facts are never rejected. The longest fact fits into `RELAY_LONGEST_MESSAGE`. `repeats` is
 * the maximum number of attempts that one fact stands for; a relay that counted more writes this number.
 */
export const FACT_LIMITS = { name: 600, message: 1000, tags: 50, tagKey: 63, tagValue: 510, repeats: 1_000_000 } as const;

/** Text of a name, an id or an address. Sluice writes none that is longer, and an index could not store one. */
const Short = z.string().max(FACT_LIMITS.name);
const Message = z.string().max(FACT_LIMITS.message);
const Tags = z
  .record(z.string().max(FACT_LIMITS.tagKey), z.string().max(FACT_LIMITS.tagValue))
  .refine((tags) => Object.keys(tags).length <= FACT_LIMITS.tags, `are more than ${FACT_LIMITS.tags}`);
/** A time that every store and every reader accepts. */
const FactTime = z.iso.datetime({ offset: true }).refine((text) => text < '2200', 'is beyond the year 2200');

/** The longest duration in a fact, in milliseconds, about thirty years: the end of a longer session would be a time that no reader accepts. */
export const MAX_FACT_DURATION_MS = 1e12;
const Duration = z.number().min(0).max(MAX_FACT_DURATION_MS);
const Bytes = z.int().min(0);
/** The id of a session. It is compared as text in places, so it has one spelling. */
const SessionId = z.uuid().toLowerCase();

/** What is known about a session or attempt when it begins. Names are as they were then. */
const Begin = z.object({
  sessionId: SessionId,
  requestId: z.uuid(),
  attempt: z.int(),
  account: z.object({ id: Short, email: Short.nullable() }),
  loginId: Short,
  resource: z.object({
    id: Short,
    name: Short.nullable(),
    endpoint: Short.nullable(),
    tags: Tags.nullable(),
  }),
  cluster: Short,
  relay: z.object({ id: Short, name: Short }),
  gateway: Short.nullable(),
  clientAddress: Short.nullable(),
  sharedListener: z.boolean(),
  rule: Short.nullable(),
  startedAt: FactTime,
});

/** The dial succeeded and the journal holds this fact; no byte passed before. */
export const SessionOpened = Begin.extend({ dialledAddress: Short });
/** The dial succeeded and the journal holds this fact; no byte passed before. */
export type SessionOpened = z.infer<typeof SessionOpened>;

/** The bytes so far. Counts only increase; a reader keeps the highest. */
export const SessionCheckpoint = z.object({
  sessionId: SessionId,
  at: FactTime,
  bytesUp: Bytes,
  bytesDown: Bytes,
  durationMs: Duration,
});
/** The bytes so far. Counts only increase; a reader keeps the highest. */
export type SessionCheckpoint = z.infer<typeof SessionCheckpoint>;

/** How an active session ended. `durationMs` is measured by the monotonic clock. */
export const SessionClosed = z.object({
  sessionId: SessionId,
  endReason: z.enum(END_REASONS),
  message: Message.nullable(),
  endedAt: FactTime,
  durationMs: Duration,
  bytesUp: Bytes,
  bytesDown: Bytes,
  exactness: z.enum(EXACTNESS),
  /** The agent's own count of the same bytes, if it could still report it. `differs` can only be true if both ends saw an orderly end. */
  agent: z.object({ bytesUp: Bytes, bytesDown: Bytes, differs: z.boolean() }).nullable().default(null),
  endedBy: z.object({ id: Short, email: Short, why: Message.nullable() }).nullable(),
  revocationMs: Duration.nullable(),
});
/** How an active session ended. */
export type SessionClosed = z.infer<typeof SessionClosed>;

/** An attempt that never became active: `refused` by a relay, or `failed` to connect. `repeats` is the number of similar attempts that it represents. */
export const AttemptEnded = Begin.extend({
  dialledAddress: Short.nullable(),
  endReason: z.enum(END_REASONS),
  message: Message,
  endedAt: FactTime,
  durationMs: Duration,
  repeats: z.int().min(1).max(FACT_LIMITS.repeats),
});
/** An attempt that never became active. */
export type AttemptEnded = z.infer<typeof AttemptEnded>;

/** A relay began a new journal, and with it a new incarnation. */
export const RelayStarted = z.object({
  relay: z.object({ id: Short, name: Short }),
  cluster: Short,
  journal: z.enum(['persistent', 'ephemeral']),
  /** The incarnation before this one, as far as its damaged journal can be read: its last readable fact, and that fact's SHA-256 in hexadecimal. */
  before: z
    .object({ incarnation: Short, number: z.int().min(0), hash: z.string().length(64) })
    .nullable()
    .default(null),
});

/** A relay began a new journal, and with it a new incarnation. */
export type RelayStarted = z.infer<typeof RelayStarted>;

/** Kinds of session fact, each with the schema of its data. */
export const SESSION_FACTS = {
  opened: SessionOpened,
  checkpoint: SessionCheckpoint,
  closed: SessionClosed,
  refused: AttemptEnded,
  failed: AttemptEnded,
} as const;
/** Kinds of session fact. */
export type SessionFactKind = keyof typeof SESSION_FACTS;

/** Subject of a session fact: ids, never names. */
export const sessionFactSubject = (kind: SessionFactKind, cluster: string, nodeId: string, resourceId: string): string =>
  `audit.v1.session.${kind}.${cluster}.${nodeId}.${resourceId}`;
/** Subject of a relay's `started`. */
export const relayStartedSubject = (cluster: string, nodeId: string): string => `audit.v1.relay.started.${cluster}.${nodeId}`;

/** The CloudEvents type of a fact, derived from its subject: that of `audit.v1.session.opened...` is `sluice.session.opened.v1`. */
export function factType(subject: string): string {
  const [, , noun, verb] = subject.split('.', 4);
  return `sluice.${noun}.${verb}.v1`;
}

import { clientAddressSpellings, END_REASONS, EXACTNESS, OUTCOMES, parseSessionFilter, RECORD_STATES } from '@sluice/domain';
import { z } from 'zod';
import { ADMINISTRATORS, EVERYONE, Id, Moment, operation, page, PageQuery, QueryBoolean } from '../operation.js';

/** The lasting record of one session or attempt, with names as they were then. Times are UTC. */
export const AuditRecord = z
  .object({
    id: Id,
    requestId: z.string(),
    attempt: z.int(),
    state: z.enum(RECORD_STATES).meta({
      description:
        '`presumed ended`: the relay was lost, and the figures are those of its last checkpoint until it reports the end',
    }),
    account: z.object({ id: z.string(), email: z.string().nullable() }),
    resource: z.object({ id: z.string(), name: z.string().nullable(), tags: z.record(z.string(), z.string()).nullable() }),
    relay: z.object({ id: z.string(), name: z.string() }).nullable(),
    proxyCluster: z
      .string()
      .nullable()
      .meta({ description: "id of the relay's proxy cluster; `default`: the relays of none; null: no relay answered" }),
    gateway: z.string().nullable(),
    clientAddress: z.string().nullable(),
    dialledAddress: z.string().nullable(),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    durationMs: z.number().nullable(),
    bytesUp: z.number().nullable(),
    bytesDown: z.number().nullable(),
    exactness: z.enum(EXACTNESS).nullable(),
    agentBytesUp: z.number().nullable().meta({ description: 'counted by the agent; null if it reported nothing' }),
    agentBytesDown: z.number().nullable().meta({ description: 'counted by the agent; null if it reported nothing' }),
    countsDiffer: z.boolean().meta({
      description:
        'agent and relay counted differently although the session ended in an orderly way; this should be investigated',
    }),
    outcome: z.enum(OUTCOMES).nullable(),
    endReason: z.enum(END_REASONS).nullable(),
    message: z.string().nullable(),
    endedBy: z.object({ id: z.string(), email: z.string(), why: z.string().nullable() }).nullable(),
    revocationMs: z.number().nullable(),
    rule: z.string().nullable(),
    sharedListener: z.boolean(),
    source: z.enum(['relay', 'agent']),
    repeats: z.int().meta({ description: 'how many similar attempts this record represents' }),
  })
  .meta({ id: 'AuditRecord' });
/** The lasting record of one session or attempt, with names as they were then. */
export type AuditRecord = z.infer<typeof AuditRecord>;

const ClientAddress = z
  .string()
  .max(100)
  .refine((text) => clientAddressSpellings(text) !== undefined, 'is an IP address, with or without a port');

/** A filter as people type it. Ages in it are counted when the request is handled; here only whether it can be read matters. */
const TypedFilter = z
  .string()
  .max(1000)
  .superRefine((typed, context) => {
    const parsed = parseSessionFilter(typed, Date.now());
    if (!parsed.ok) context.addIssue({ code: 'custom', message: `has an error at column ${parsed.column}: ${parsed.message}` });
  });

export const listSessions = operation({
  id: 'sessions.list',
  owner: 'audit',
  callers: EVERYONE,
  summary:
    'Search sessions, newest first; a user sees their own. A page may have few sessions or none and still a nextCursor: a request looks at a limited number of sessions',
  method: 'GET',
  path: '/sessions',
  input: PageQuery.extend({
    filter: TypedFilter.optional().meta({
      description:
        'words that are part of the name of the server, the e-mail of the account or the name of the relay, and fields: `orders account:ann@example.com tag:env=prod reason:"no grant" bytes>1GiB duration>=8h since:7d live:no`. What the other parameters say must match too',
    }),
    resource: z.string().max(200).optional().meta({ description: 'name or id at the time' }),
    account: z.string().max(400).optional().meta({ description: 'e-mail or id at the time' }),
    node: z.string().max(200).optional().meta({ description: 'name or id of the relay that carried it' }),
    proxyCluster: z
      .string()
      .max(200)
      .optional()
      .meta({ description: "name or id of the relay's proxy cluster; `default`: the relays of none" }),
    gateway: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'name or id of the gateway that carried it, also of one that was deleted' }),
    clientAddress: ClientAddress.optional().meta({ description: "the client's IP address, with or without its port" }),
    outcome: z.enum(OUTCOMES).optional(),
    endReason: z.enum(END_REASONS).optional(),
    rule: z.string().max(200).optional().meta({ description: 'the rule that allowed it, as the record names it' }),
    since: Moment.optional().meta({ description: 'sessions that began then or later' }),
    until: Moment.optional().meta({ description: 'sessions that began before' }),
    live: QueryBoolean.optional().meta({
      description: '`true`: only sessions that are running; `false`: only those that have ended',
    }),
  })
    .strict()
    .refine(({ since, until }) => since === undefined || until === undefined || Date.parse(since) < Date.parse(until), {
      path: ['until'],
      error: 'is later than since',
    }),
  output: page(AuditRecord),
});

export const showSession = operation({
  id: 'sessions.show',
  owner: 'audit',
  callers: EVERYONE,
  summary: 'Show one session; a user sees their own',
  method: 'GET',
  path: '/sessions/{id}',
  input: z.strictObject({ id: Id }),
  output: AuditRecord,
});

export const endSession = operation({
  id: 'sessions.end',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'End a running session',
  method: 'POST',
  path: '/sessions/{id}/end',
  input: z.strictObject({ id: Id, why: z.string().max(500).optional() }),
  output: z.object({ ended: z.boolean() }).meta({ id: 'EndedSession' }),
});

export const reportAttempt = operation({
  id: 'attempts.report',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Report an attempt that no relay answered (for agents)',
  method: 'POST',
  path: '/me/attempts',
  creates: true,
  input: z.strictObject({
    requestId: Id,
    attempt: z.int().min(1).max(100),
    resourceId: Id,
    reason: z.enum(['no relay', 'link lost']),
    message: z.string().max(300),
    startedAt: Moment,
  }),
  output: z.object({ id: Id }).meta({ id: 'ReportedAttempt' }),
});

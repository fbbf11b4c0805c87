import { END_REASONS, INTEGRITY_KINDS, OUTCOMES } from '@sluice/domain';
import { z } from 'zod';
import { operation, READERS } from '../operation.js';

/** Sessions and attempts that began within a minute or an hour. */
const Span = z.object({
  at: z.string().meta({ description: 'when the minute or hour began' }),
  live: z.int().meta({ description: 'sessions that are still running' }),
  completed: z.int(),
  refused: z.int(),
  failed: z.int(),
  bytes: z.number().meta({ description: 'bytes that these sessions have carried in both directions' }),
});
const Share = z.object({ id: z.string(), name: z.string().nullable(), sessions: z.int(), bytes: z.number() });

/** What was wrong with the facts of one author, of one kind. */
const Finding = z.object({
  kind: z.enum(INTEGRITY_KINDS),
  author: z.string().nullable().meta({ description: 'id of a node, or the name of a service; null: the subject names nobody' }),
  count: z.int(),
  lastAt: z.string().meta({ description: 'the minute of the latest one' }),
});

/** Current and recent sessions, derived from the records. Minutes and hours without sessions are omitted. */
export const Overview = z
  .object({
    at: z.string(),
    live: z.int().meta({ description: 'sessions that are running' }),
    minutes: z.array(Span).meta({ description: 'the last hour by minutes' }),
    hours: z.array(Span).meta({ description: 'the last day by hours' }),
    servers: z
      .array(Share)
      .meta({ description: 'the five servers with the most sessions within a day, and the five with the most bytes' }),
    users: z
      .array(Share)
      .meta({ description: 'the five users with the most sessions within a day, and the five with the most bytes' }),
    reasons: z
      .array(z.object({ outcome: z.enum(OUTCOMES), endReason: z.enum(END_REASONS), count: z.int() }))
      .meta({ description: 'why sessions were refused or failed within a day, most frequent first' }),
    findings: z
      .array(Finding)
      .meta({ description: 'what was wrong with facts within a day, by kind and author: the twenty latest, newest first' }),
    factsWaiting: z.int().meta({ description: 'facts in JetStream that the audit service has not stored yet' }),
  })
  .meta({ id: 'Overview' });
/** Current and recent sessions, derived from the records. */
export type Overview = z.infer<typeof Overview>;

export const showOverview = operation({
  id: 'overview.show',
  owner: 'audit',
  callers: READERS,
  summary:
    'Show an overview: live sessions, sessions of the last hour and day, why some were refused or failed, and what was wrong with facts',
  method: 'GET',
  path: '/overview',
  input: z.strictObject({}),
  output: Overview,
});

import { z } from 'zod';
import { Id, operation, page, PageQuery, READERS } from '../operation.js';

/** A fact about a session from the author of its record, with its place in the chain of its author. */
export const SessionFact = z
  .object({
    id: z.string(),
    kind: z.string().meta({ description: 'opened, checkpoint, closed, refused, failed or unanswered' }),
    author: z.string().meta({ description: 'id of the relay, or `registry` for an attempt that no relay answered' }),
    incarnation: z.string().nullable().meta({ description: "the run of the author's journal" }),
    number: z.int().nullable().meta({ description: 'within the incarnation, without gaps; null: a checkpoint, which has none' }),
    previous: z.string().nullable().meta({ description: 'SHA-256 of the fact with the number before' }),
    hash: z.string().meta({ description: 'SHA-256 of this fact as it was published' }),
    signed: z.boolean().nullable().meta({
      description:
        'whether its author has signed the chain up to this fact or a later one, as the audit service has checked; null: a checkpoint. `sluice audit verify` proves it',
    }),
    at: z.string().meta({ description: "when it was written, by its author's clock" }),
    receivedAt: z.string(),
    data: z.unknown(),
  })
  .meta({ id: 'SessionFact' });
/** A fact about a session from the author of its record. */
export type SessionFact = z.infer<typeof SessionFact>;

export const listSessionFacts = operation({
  id: 'sessions.list-facts',
  owner: 'audit',
  callers: READERS,
  summary: 'The facts about a session, with their numbers in the chain of their author, in the order in which they were received',
  method: 'GET',
  path: '/sessions/{id}/facts',
  input: PageQuery.extend({ id: Id }).strict(),
  output: page(SessionFact).extend({
    complete: z.boolean().meta({
      description:
        'false: the beginning or the end of the record is not among its facts, because a release stored them that did not note which session a fact is about',
    }),
  }),
});

import { z } from 'zod';
import { Id, Moment, operation, page, PageQuery, READERS } from '../operation.js';

/** What an administrator did: who, what, and what it changed. For a changed list, `after` says what was `added` and `removed`. */
export const Activity = z
  .object({
    id: z.uuid(),
    at: z.string(),
    actor: z.object({ id: z.string(), email: z.string() }),
    requestId: z.string(),
    verb: z.string(),
    object: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }),
    member: z
      .object({ kind: z.string(), id: z.string(), name: z.string().nullable() })
      .optional()
      .meta({ description: 'the user or server that was added to the role or removed from it' }),
    before: z.unknown(),
    after: z.unknown(),
    shortened: z.literal(true).optional().meta({ description: 'the changes were too long to be returned here' }),
  })
  .meta({ id: 'Activity' });
/** What an administrator did: who, what, before and after. */
export type Activity = z.infer<typeof Activity>;

export const listActivities = operation({
  id: 'activities.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List what administrators did, newest first',
  method: 'GET',
  path: '/activities',
  input: PageQuery.extend({
    actor: z.string().max(400).optional().meta({ description: 'e-mail or id of the actor at the time' }),
    action: z.string().max(100).optional().meta({ description: 'the `verb`, such as deleted' }),
    kind: z.string().max(100).optional().meta({ description: 'kind of object, such as server' }),
    object: z
      .string()
      .max(400)
      .optional()
      .meta({ description: 'name or id, at the time, of the object, or of the member of a role' }),
    since: Moment.optional(),
    until: Moment.optional().meta({ description: 'before this time' }),
  })
    .strict()
    .refine(({ since, until }) => since === undefined || until === undefined || Date.parse(since) < Date.parse(until), {
      path: ['until'],
      error: 'is later than since',
    }),
  output: page(Activity),
});

export const showActivity = operation({
  id: 'activities.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show what an administrator did, and what it changed',
  method: 'GET',
  path: '/activities/{id}',
  input: z.strictObject({ id: Id }),
  output: Activity,
});

import { z } from 'zod';
import { Id, operation, page, PageQuery, READERS } from '../operation.js';

/** What an administrator did: who, what, and what changed by it. Of a changed list, `after` has what was `added` and `removed`. */
export const Activity = z
  .object({
    id: z.uuid(),
    at: z.string(),
    actor: z.object({ id: z.string(), email: z.string() }),
    requestId: z.string(),
    verb: z.string(),
    object: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }),
    before: z.unknown(),
    after: z.unknown(),
    shortened: z.literal(true).optional().meta({ description: 'what changed was too long to be told here' }),
  })
  .meta({ id: 'Activity' });
/** What an administrator did: who, what, before and after. */
export type Activity = z.infer<typeof Activity>;

export const listActivities = operation({
  id: 'activities.list',
  owner: 'registry',
  callers: READERS,
  summary: 'What administrators did, newest first',
  method: 'GET',
  path: '/activities',
  input: PageQuery.strict(),
  output: page(Activity),
});

export const showActivity = operation({
  id: 'activities.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show what an administrator did, and what changed by it',
  method: 'GET',
  path: '/activities/{id}',
  input: z.strictObject({ id: Id }),
  output: Activity,
});

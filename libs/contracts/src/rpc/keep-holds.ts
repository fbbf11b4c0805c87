import { z } from 'zod';
import { Hold, NewHold } from '../http/retention.js';
import { ADMINISTRATORS, Id, operation } from '../operation.js';

/** Internal: the registry, which records activities, has the audit service place a hold. It has no HTTP route. */
export const placeHold = operation({
  id: 'holds.place',
  owner: 'audit',
  callers: ADMINISTRATORS,
  summary: 'Place a legal hold',
  method: 'POST',
  path: '',
  input: NewHold.extend({ id: Id }).strict(),
  output: Hold,
});

/** Internal: the registry has the audit service release a hold, once it has recorded the activity. It has no HTTP route. */
export const liftHold = operation({
  id: 'holds.lift',
  owner: 'audit',
  callers: ADMINISTRATORS,
  summary: 'Release a legal hold',
  method: 'POST',
  path: '',
  input: z.strictObject({ id: Id }),
  output: Hold,
});

/** Internal: the audit service asks the registry how long the settings say that evidence is kept. It has no HTTP route. */
export const wantedRetention = operation({
  id: 'retention.wanted',
  owner: 'registry',
  callers: 'anybody',
  summary: 'Show how long evidence is kept according to the settings',
  method: 'POST',
  path: '',
  budget: 100_000, // all copies of the audit service are one caller
  input: z.strictObject({}),
  output: z.object({ sessions: z.int().min(0), activities: z.int().min(0), facts: z.int().min(0) }),
});

/** Internal: the registry asks the audit service whose facts were dropped, to drop these activities too. It has no HTTP route. */
export const droppedActivities = operation({
  id: 'retention.activities',
  owner: 'audit',
  callers: 'anybody',
  summary: 'List activities whose facts were dropped, except those that the registry has dropped too',
  method: 'POST',
  path: '',
  budget: 100_000, // all copies of the registry are one caller
  input: z.strictObject({ done: z.array(Id).max(1000) }),
  output: z.object({ activities: z.array(Id).max(1000) }),
});

import { z } from 'zod';

/** Subject on which the audit service publishes which session records it has changed, after it has committed them. */
export const SESSIONS_CHANGED = 'events.v1.sessions';
/** Subject on which a service publishes which objects it has changed, after it has committed them. */
export const OBJECTS_CHANGED = 'events.v1.objects';

const ChangedSession = z.object({ id: z.string(), account: z.string().nullable() });
/** A session whose record has changed, and the account that it is of. */
export type ChangedSession = z.infer<typeof ChangedSession>;

/** Which session records have changed. `more`: others too, which are not named. A hint: it may repeat, and it may be lost. */
export const SessionsChanged = z.object({
  opened: z.array(ChangedSession),
  closed: z.array(ChangedSession),
  progressed: z.array(ChangedSession),
  more: z.boolean(),
});
/** Which session records have changed. */
export type SessionsChanged = z.infer<typeof SessionsChanged>;

/** Which objects have changed, by kind. `feed`: what users may reach may have changed by it. A hint: it may repeat, and it may be lost. */
export const ObjectsChanged = z.object({
  objects: z.array(z.object({ kind: z.string(), ids: z.array(z.string()) })),
  feed: z.boolean(),
});
/** Which objects have changed. */
export type ObjectsChanged = z.infer<typeof ObjectsChanged>;

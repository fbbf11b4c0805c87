import { z } from 'zod';

/** Subject on which the audit service publishes which session records it has changed, after it has committed them. */
export const SESSIONS_CHANGED = 'events.v1.sessions';
/** Subject on which a service publishes which objects it has changed, after it has committed them. */
export const OBJECTS_CHANGED = 'events.v1.objects';

const ChangedSession = z.object({ id: z.string(), account: z.string().nullable() });
/** A session whose record has changed, and its account. */
export type ChangedSession = z.infer<typeof ChangedSession>;

/** Session records that have changed. `more` means that others have too. This is only a hint, which may be repeated or lost. */
export const SessionsChanged = z.object({
  opened: z.array(ChangedSession),
  closed: z.array(ChangedSession),
  progressed: z.array(ChangedSession),
  more: z.boolean(),
});
/** Session records that have changed. */
export type SessionsChanged = z.infer<typeof SessionsChanged>;

/** Objects that have changed, by kind. `feed` means that what users may reach may have changed. This is only a hint, which may be repeated or lost. */
export const ObjectsChanged = z.object({
  objects: z.array(z.object({ kind: z.string(), ids: z.array(z.string()) })),
  feed: z.boolean(),
});
/** Objects that have changed. */
export type ObjectsChanged = z.infer<typeof ObjectsChanged>;

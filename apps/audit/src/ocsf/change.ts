import type { Activity } from '@sluice/contracts';
import { z } from 'zod';
import type { Attributes } from './draft.js';
import { userOf } from './objects.js';

/** What an activity says in `after`, if it is one of a sign-in or of a request that was refused. */
const After = z
  .object({ address: z.string(), count: z.int().min(1), minute: z.string(), expiresAt: z.string(), why: z.string() })
  .partial()
  .catch({});

/** What an activity says in `after`, if it is one of a sign-in or of a request that was refused. */
export const afterOf = ({ after }: Activity): z.infer<typeof After> => After.parse(after ?? {});

/** Who caused an activity. Nodes and the installation itself have no e-mail address. */
export const actorOf = ({ actor }: Activity): Attributes => ({ user: userOf(actor.id, actor.email) });

/** Who caused an activity, in a sentence. */
export const nameOfActor = ({ actor }: Activity): string => (actor.email === '' ? actor.id : actor.email);

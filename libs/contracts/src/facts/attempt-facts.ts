import { z } from 'zod';

/**
 * An attempt that no relay answered. Id, account, resource and time come from the registry; `agent` contains what the agent reported.
 * `repeats` is the number of similar attempts that this fact represents; `dropped` is how many more the account reported beyond its budget.
 */
export const AttemptUnanswered = z.object({
  id: z.uuid().toLowerCase(),
  account: z.object({ id: z.string(), email: z.string() }),
  resource: z.object({ id: z.string(), name: z.string() }),
  receivedAt: z.string(),
  repeats: z.int().min(1),
  dropped: z.int().min(0).optional(),
  agent: z.object({
    requestId: z.uuid(),
    attempt: z.int(),
    reason: z.enum(['no relay', 'link lost']),
    message: z.string(),
    startedAt: z.string(),
  }),
});
/** An attempt that no relay answered. */
export type AttemptUnanswered = z.infer<typeof AttemptUnanswered>;
/** Subject of an attempt that no relay answered. */
export const attemptSubject = (resourceId: string): string => `audit.v1.attempt.unanswered.${resourceId}`;

import { z } from 'zod';
import { ServerHealth } from '../http/health.js';

/** A resource's health changed. */
export const ResourceHealthChanged = z.object({
  resourceId: z.string(),
  state: ServerHealth.shape.state,
  why: z.string().nullable(),
  at: z.string(),
  /** The number of changes before this one that are in no fact, because JetStream accepted none at the time. */
  leftOut: z.int().min(1).optional(),
  /** Times of its changes within the last ten minutes, if there are three or more. While there are, single changes are not published. */
  flapping: z.array(z.string()).optional(),
});
/** A resource's health changed. */
export type ResourceHealthChanged = z.infer<typeof ResourceHealthChanged>;
/** Subject of a change of health. */
export const healthFactSubject = (resourceId: string): string => `audit.v1.health.resource.${resourceId}`;

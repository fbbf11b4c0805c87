import { z } from 'zod';
import { ServerHealth } from '../http/health.js';

/** A resource's health changed. */
export const ResourceHealthChanged = z.object({
  resourceId: z.string(),
  state: ServerHealth.shape.state,
  why: z.string().nullable(),
  at: z.string(),
  /** Changes before this one that are in no fact: they came while JetStream took none. */
  leftOut: z.int().min(1).optional(),
  /** Times of its changes within the last ten minutes, while these are three or more; until that is over no single change is a fact. */
  flapping: z.array(z.string()).optional(),
});
/** A resource's health changed. */
export type ResourceHealthChanged = z.infer<typeof ResourceHealthChanged>;
/** Subject of a change of health. */
export const healthFactSubject = (resourceId: string): string => `audit.v1.health.resource.${resourceId}`;

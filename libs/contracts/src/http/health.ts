import { z } from 'zod';

/** What one node knows of one resource. */
const NODE_HEALTH_STATES = ['unknown', 'healthy', 'unhealthy'] as const;

/** Health of a resource: healthy when one node reaches it, else unhealthy. */
export const ServerHealth = z
  .object({
    state: z.enum(['healthy', 'unhealthy']),
    nodes: z.array(
      z.object({
        nodeId: z.string(),
        nodeName: z.string(),
        state: z.enum(NODE_HEALTH_STATES),
        checkedAt: z
          .string()
          .optional()
          .meta({ description: 'time of the last check; a check that changes nothing appears within a minute' }),
        roundTripMs: z.number().optional().meta({ description: 'connect time of the last successful probe' }),
        lastError: z.string().optional(),
        lastErrorAt: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'ServerHealth' });
/** Health of a resource: healthy when one node reaches it, else unhealthy. */
export type ServerHealth = z.infer<typeof ServerHealth>;

/** KV bucket that the health service writes and the registry reads; `null` says that a server is gone, and is taken away itself. */
export const HEALTH_BUCKET = 'health';
/** Key of a server in that bucket. */
export const healthKey = (resourceId: string): string => `resource.${resourceId}`;

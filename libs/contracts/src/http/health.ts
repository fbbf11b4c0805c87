import { z } from 'zod';
import { TlsSeen } from './tls.js';

/** What one node knows about one resource. */
const NODE_HEALTH_STATES = ['unknown', 'healthy', 'unhealthy'] as const;

/** Health of a resource: healthy if at least one node reaches it, otherwise unhealthy. */
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
        roundTripMs: z.number().optional().meta({ description: 'time that the last successful check took to connect' }),
        lastError: z.string().optional(),
        lastErrorAt: z.string().optional(),
      }),
    ),
    flapping: z
      .array(z.string())
      .optional()
      .meta({ description: 'times of its changes within the last ten minutes; only if there are three or more' }),
  })
  .meta({ id: 'ServerHealth' });
/** Health of a resource: healthy if at least one node reaches it, otherwise unhealthy. */
export type ServerHealth = z.infer<typeof ServerHealth>;

/** The answer to "check now". */
export const ServerCheck = ServerHealth.extend({
  tls: TlsSeen.optional().meta({
    description:
      'what that relay saw of its TLS, if the request asked for it; nothing of it is stored, and it does not change the health',
  }),
  checkedBy: z
    .string()
    .nullable()
    .meta({ description: 'name of the relay that checked it now; null: no relay did, and this is what was known before' }),
  nextCheckAllowedAt: z.string().meta({ description: 'when the budget allows another check' }),
}).meta({ id: 'ServerCheck' });
/** The answer to "check now". */
export type ServerCheck = z.infer<typeof ServerCheck>;

/** KV bucket that the health service writes and the registry reads. The value `null` means that the server no longer exists; it is removed later. */
export const HEALTH_BUCKET = 'health';
/** Key of a server in that bucket. */
export const healthKey = (resourceId: string): string => `resource.${resourceId}`;

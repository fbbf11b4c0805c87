import { z } from 'zod';
import { Nothing } from '../operation.js';
import { NODE_KINDS } from './node-kinds.js';

/** Which relays have applied a committed change. */
export const Reach = z
  .object({
    published: z.boolean().meta({ description: 'false: committed but not published to the relays yet; this is retried' }),
    relays: z.int().meta({ description: 'relays that have applied it' }),
    of: z.int().meta({ description: 'relays that are affected and may carry sessions' }),
    missing: z
      .array(z.object({ name: z.string(), kind: z.enum(NODE_KINDS), lastSeenAt: z.string().nullable() }))
      .meta({ description: 'relays and gateways that have not confirmed that they applied it' }),
  })
  .meta({ id: 'Reach' });
/** Which relays have applied a committed change. */
export type Reach = z.infer<typeof Reach>;

/** The response of an operation that reports which relays have applied its change. `reach` is absent in responses of older releases. */
export const withReach = <T extends z.ZodRawShape>(answer: z.ZodObject<T>, id: string) =>
  answer.extend({ reach: Reach.optional() }).meta({ id });

/** The response to a removal that has no other content. */
export const Withdrawn = withReach(Nothing, 'Withdrawn');

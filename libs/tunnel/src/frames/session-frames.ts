import { END_REASONS, parseJson } from '@sluice/domain';
import { z } from 'zod';

/** Longest `traceparent` that is read, in characters; those of today have 55. */
const TRACEPARENT_LIMIT = 64;

/**
 * Body of `open`: which resource is wanted. The account is the one in the certificate; `open` cannot name another. `traceparent` is
 * the trace that the session belongs to (W3C); one that cannot be read is ignored. Peers that do not know it ignore it as well.
 */
export const Open = z.object({
  resourceId: z.uuid(),
  requestId: z.uuid(),
  attempt: z.int().min(1).max(100),
  sharedListener: z.boolean(),
  traceparent: z.string().max(TRACEPARENT_LIMIT).optional().catch(undefined),
});
/**
 * Body of `opened`. It does not contain the session's id: the fact is published a moment later, and somebody who knew the id
 * before that could have another relay publish a fact for it first.
 */
export const Opened = z.object({});
/**
 * Body of `refused`. `safeToRetry` means that nothing was written to the resource, so the agent may try another relay. A relay of a
 * later release may have a reason that this one does not know; its message and whether a retry is safe count all the same.
 */
export const Refused = z.object({
  reason: z.enum(END_REASONS).catch('no relay'),
  message: z.string().max(400),
  safeToRetry: z.boolean(),
});
/** Body of `refused`. */
export type Refused = z.infer<typeof Refused>;

/** Parses the JSON body of a frame; undefined when it does not match the schema. */
export function readBody<S extends z.ZodType>(body: Buffer, schema: S): z.infer<S> | undefined {
  return schema.safeParse(parseJson(body.toString())).data;
}

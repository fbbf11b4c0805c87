import { END_REASONS, parseJson } from '@sluice/domain';
import { z } from 'zod';

/** Body of `open`: which resource. The account is the certificate's; `open` cannot name one. */
export const Open = z.object({
  resourceId: z.uuid(),
  requestId: z.uuid(),
  attempt: z.int().min(1).max(100),
  sharedListener: z.boolean(),
});
/**
 * Body of `opened`. The session's id is not in it: the fact is published a moment later, and whoever knew the id before could
 * have another relay say something under it first.
 */
export const Opened = z.object({});
/** Body of `refused`. `safeToRetry`: nothing was written to the resource, another relay may be asked. */
export const Refused = z.object({ reason: z.enum(END_REASONS), message: z.string().max(400), safeToRetry: z.boolean() });
/** Body of `refused`. */
export type Refused = z.infer<typeof Refused>;

/** Reads the JSON body of a frame; undefined when it does not fit. */
export function readBody<S extends z.ZodType>(body: Buffer, schema: S): z.infer<S> | undefined {
  return schema.safeParse(parseJson(body.toString())).data;
}

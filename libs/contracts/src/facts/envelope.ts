import { z } from 'zod';

/**
 * Every fact is a CloudEvent. Facts of a relay carry four more attributes:
 *
 *   node          who says it; equals the node in the subject
 *   incarnation   one run of that relay's journal
 *   number        1, 2, 3 ... within the incarnation; a missing one is a gap
 *   previous      SHA-256 (hex) of the bytes of fact number-1 as published; 64 zeros for the first
 *
 * `checkpoint` facts stand outside the chain: they have node and incarnation, but neither number nor previous.
 */
export const Envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.string(),
  subject: z.string().optional(),
  datacontenttype: z.literal('application/json'),
  node: z.string().optional(),
  incarnation: z.string().optional(),
  number: z.int().min(1).optional(),
  previous: z.string().length(64).optional(),
  data: z.unknown(),
});
/** Every fact is a CloudEvent with these attributes. */
export type Envelope = z.infer<typeof Envelope>;

/** `previous` of the first fact of an incarnation. */
export const FIRST_PREVIOUS = '0'.repeat(64);

import { z } from 'zod';

/**
 * What can be wrong with facts.
 *
 *   quarantined   a fact that could not become a record
 *   conflict      another fact under a number or id that its author has used already
 *   foreign       a fact of a session that another author began
 *   gap           numbers that did not come in time
 *   late          a fact whose number had been given up as a gap, or the end of a session whose presumed end was final
 *   unopened      checkpoints of sessions without an `opened`
 *   flood         facts of an author that are a large share, within an hour, of what the stream holds
 */
const INTEGRITY_KINDS = ['quarantined', 'conflict', 'foreign', 'gap', 'late', 'unopened', 'flood'] as const;
/** What can be wrong with facts. */
export type IntegrityKind = (typeof INTEGRITY_KINDS)[number];

/** Something is wrong with the facts of an author: a node's id, or the name of a service; null where the subject names nobody. */
export const IntegrityFound = z.object({
  kind: z.enum(INTEGRITY_KINDS),
  author: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  at: z.string(),
});
/** Something is wrong with the facts of an author. */
export type IntegrityFound = z.infer<typeof IntegrityFound>;
/** Subject of an integrity fact. */
export const integritySubject = (kind: IntegrityKind): string => `audit.v1.integrity.${kind}`;

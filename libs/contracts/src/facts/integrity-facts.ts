import { INTEGRITY_KINDS, type IntegrityKind } from '@sluice/domain';
import { z } from 'zod';

/** Something is wrong with the facts of an author: a node's id, or the name of a service; null if the subject names nobody. */
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

import { z } from 'zod';

/**
 * What retention has dropped from the beginning of a chain, signed by the audit service. It counts everything that was ever dropped
 * from the chain, so that the last one says all. What is left of the chain begins with a head of its author, which is not dropped and
 * says the same hash. `docs/verify.md` is its specification for readers outside.
 */
export const Dropped = z.object({
  /** Whose chain it is: a node's id, or the name of a service. */
  author: z.string().min(1).max(200),
  incarnation: z.string().min(1).max(200),
  /** Number of the last fact that was dropped; the first was number 1. */
  through: z.int().min(1),
  /** The SHA-256 of that fact, in hexadecimal: `previous` of the first fact that is left. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** How many facts were dropped; fewer than `through` if some had never arrived. */
  facts: z.int().min(0),
  /** How many records of sessions and attempts were dropped with them. */
  records: z.int().min(0),
  /** When the audit service last dropped facts of this chain, by its clock. */
  at: z.iso.datetime({ precision: 3 }),
  /** The audit service's certificate at that time, DER in base64. */
  certificate: z.base64().max(4096),
  /** Made with the certificate's key over `droppedText`: r and s, 64 bytes in base64. */
  signature: z.base64().length(88),
});
/** What retention has dropped from the beginning of a chain. */
export type Dropped = z.infer<typeof Dropped>;

/** The text that the audit service signs: one line each. */
export const droppedText = (of: Omit<Dropped, 'certificate' | 'signature'>): string =>
  ['sluice audit dropped 1', of.author, of.incarnation, of.through, of.hash, of.facts, of.records, of.at, ''].join('\n');

/** Subject of the facts that say what was dropped. They are facts of the audit service. */
export const DROPPED_SUBJECT = 'audit.v1.service.dropped.audit';

import { z } from 'zod';
import type { ChainedService } from './envelope.js';

/**
 * A signed statement about all earlier facts of a chain. It is a fact of that chain itself. `docs/verify.md` is its specification
 * for readers outside.
 */
export const SignedHead = z.object({
  /** Number of the last fact before this one. */
  through: z.int().min(1),
  /** The SHA-256 of that fact, in hexadecimal: the same as this fact's `previous`. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** When it was signed, by the author's clock. */
  at: z.iso.datetime({ precision: 3 }),
  /** The author's certificate at that time, DER in base64. */
  certificate: z.base64().max(4096),
  /** Made with the certificate's key over `headText`: r and s, 64 bytes in base64. */
  signature: z.base64().length(88),
});
/** A signed statement about all earlier facts of a chain. */
export type SignedHead = z.infer<typeof SignedHead>;

/** How often an author signs new facts, in milliseconds. */
export const HEAD_INTERVAL_MS = 10_000;
/** How often it signs without new facts, so that a reader can distinguish a quiet chain from one whose last facts are withheld. */
export const QUIET_HEAD_INTERVAL_MS = 600_000;
/** How many new facts are signed before the time is up. */
export const MAX_UNSIGNED_FACTS = 1000;

/** The text that an author signs: one line each, so that it can be signed and checked with any tool. */
export const headText = (
  author: string,
  incarnation: string,
  { through, hash, at }: Omit<SignedHead, 'certificate' | 'signature'>,
): string => ['sluice audit head 1', author, incarnation, through, hash, at, ''].join('\n');

const RELAY_HEADS = 'audit.v1.relay.head.';
const SERVICE_HEADS = 'audit.v1.service.head.';
/** How the subject of a head begins: those of relays, and those of services. */
export const HEAD_SUBJECTS = [RELAY_HEADS, SERVICE_HEADS] as const;
/** Whether a subject is that of a head. */
export const isHeadSubject = (subject: string): boolean => HEAD_SUBJECTS.some((beginning) => subject.startsWith(beginning));
/** Subject of a relay's heads. */
export const relayHeadSubject = (cluster: string, nodeId: string): string => `${RELAY_HEADS}${cluster}.${nodeId}`;
/** Subject of a service's heads. */
export const serviceHeadSubject = (service: ChainedService): string => `${SERVICE_HEADS}${service}`;

import { z } from 'zod';

/**
 * A signed statement about all earlier facts of a relay's chain. It is a fact of that chain itself. `docs/verify.md` is its
 * specification for readers outside.
 */
export const RelayHead = z.object({
  /** Number of the last fact before this one. */
  through: z.int().min(1),
  /** The SHA-256 of that fact, in hexadecimal: the same as this fact's `previous`. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** When it was signed, by the relay's clock. */
  at: z.iso.datetime({ precision: 3 }),
  /** The relay's certificate at that time, DER in base64. */
  certificate: z.base64().max(4096),
  /** Made with the certificate's key over `headText`: r and s, 64 bytes in base64. */
  signature: z.base64().length(88),
});
/** A signed statement about all earlier facts of a relay's chain. */
export type RelayHead = z.infer<typeof RelayHead>;

/** The text that a relay signs: one line each, so that it can be signed and checked with any tool. */
export const headText = (
  node: string,
  incarnation: string,
  { through, hash, at }: Omit<RelayHead, 'certificate' | 'signature'>,
): string => ['sluice audit head 1', node, incarnation, through, hash, at, ''].join('\n');

/** How the subject of every head begins. */
export const RELAY_HEADS = 'audit.v1.relay.head.';
/** Subject of a relay's heads. */
export const relayHeadSubject = (cluster: string, nodeId: string): string => `${RELAY_HEADS}${cluster}.${nodeId}`;

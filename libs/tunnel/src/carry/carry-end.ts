import { cleanText, parseJson } from '@sluice/domain';
import { z } from 'zod';

/** How carrying ended, as this process sees it: `local` is the plain socket here, `remote` the socket at the far end of the link. */
export type CarryEnd =
  /** Both directions ended and everything was delivered, so the link can carry another session. `first` is the side that ended first. */
  | { readonly kind: 'ended'; readonly first: 'local' | 'remote' }
  /** The local socket was reset or failed. */
  | { readonly kind: 'local-reset'; readonly error: Error }
  /** The peer reports that its socket was reset, and why. */
  | { readonly kind: 'remote-reset'; readonly reason: string; readonly message: string }
  /** The link failed. */
  | { readonly kind: 'link-lost'; readonly error: Error | undefined }
  /** This process ended it with `Carry.abort`. */
  | { readonly kind: 'aborted'; readonly reason: string };

/** Payload bytes that the peer counted: those it received from the link, and those it sent on it. */
const PeerCounts = z.object({ received: z.int().min(0), sent: z.int().min(0) });
/** Payload bytes that the peer counted. */
export type PeerCounts = z.infer<typeof PeerCounts>;
/** Text that the peer chose. It is untrusted, so control characters are removed and its length is limited here. */
const peerText = (max: number) => z.string().transform((text) => cleanText(text, max));
const Reset = PeerCounts.partial().extend({ reason: peerText(60), message: peerText(300) });

/** Payload bytes: `handed` were written to the local socket, `delivered` of them were certainly accepted by the kernel, `read` came from it. */
export interface CarryCounts {
  readonly handed: number;
  readonly delivered: number;
  readonly read: number;
}

/** The counts in the body of a `settled` frame; undefined when the body is malformed. */
export const readSettled = (body: Buffer): PeerCounts | undefined => PeerCounts.safeParse(parseJson(body.toString())).data;

/** The content of a `reset` frame: the reason, and the peer's counts if it sent them. */
export function readReset(body: Buffer): { reason: string; message: string; counts: PeerCounts | undefined } {
  const reset = Reset.safeParse(parseJson(body.toString())).data;
  return { reason: reset?.reason ?? 'unknown', message: reset?.message ?? '', counts: PeerCounts.safeParse(reset).data };
}

import { cleanText, parseJson } from '@sluice/domain';
import { z } from 'zod';

/** How carrying ended, seen from the end that says it: `local` is the socket here, `remote` what is behind the link. */
export type CarryEnd =
  /** Both directions ended and everything was delivered: the link may serve again. `first` ended first. */
  | { readonly kind: 'ended'; readonly first: 'local' | 'remote' }
  /** The socket here was reset or broke. */
  | { readonly kind: 'local-reset'; readonly error: Error }
  /** The other end says that its side was reset, and why. */
  | { readonly kind: 'remote-reset'; readonly reason: string; readonly message: string }
  /** The link broke. */
  | { readonly kind: 'link-lost'; readonly error: Error | undefined }
  /** We ended it ourselves, with `Carry.abort`. */
  | { readonly kind: 'aborted'; readonly reason: string };

/** What the other end counted: payload bytes that it took from the link, and that it put there. */
const PeerCounts = z.object({ received: z.int().min(0), sent: z.int().min(0) });
/** What the other end counted. */
export type PeerCounts = z.infer<typeof PeerCounts>;
/** Text of the other end: whatever it chose, no control character of it gets further than here. */
const peerText = (max: number) => z.string().transform((text) => cleanText(text, max));
const Reset = PeerCounts.partial().extend({ reason: peerText(60), message: peerText(300) });

/** Payload bytes: handed to the socket here, of these taken by its kernel for certain, and read from it. */
export interface CarryCounts {
  readonly handed: number;
  readonly delivered: number;
  readonly read: number;
}

/** The counts in the body of a `settled` frame; undefined when it holds none. */
export const readSettled = (body: Buffer): PeerCounts | undefined => PeerCounts.safeParse(parseJson(body.toString())).data;

/** What a `reset` frame says: why, and the other end's counts if it gave them. */
export function readReset(body: Buffer): { reason: string; message: string; counts: PeerCounts | undefined } {
  const reset = Reset.safeParse(parseJson(body.toString())).data;
  return { reason: reset?.reason ?? 'unknown', message: reset?.message ?? '', counts: PeerCounts.safeParse(reset).data };
}

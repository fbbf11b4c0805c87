import { z } from 'zod';

const signature = z.string().regex(/^[A-Za-z0-9+/]{86}==$/); // 64 bytes in base64

/**
 * An authority of the installation, as everybody can check it who knows the one before it or the one after it:
 *
 *   authority 1 ── endorsesNext ──► authority 2 ── endorsesNext ──► authority 3
 *               ◄─ endorsesPrevious           ◄─ endorsesPrevious
 *
 * A list of them is ordered by age, the oldest first. `docs/verify.md` is the specification for readers outside.
 */
export const AuthorityRecord = z.object({
  certificate: z.string().max(4000).meta({ description: 'PEM' }),
  retiredAt: z.iso
    .datetime({ precision: 3 })
    .nullable()
    .meta({ description: 'nothing that was signed later is accepted; null while it is in use' }),
  endorsesNext: signature.nullable().meta({ description: 'its signature over the next authority; null for the last one' }),
  endorsesPrevious: signature
    .nullable()
    .meta({ description: 'its signature over the authority before it and when that was retired; null for the first one' }),
});
/** An authority of the installation, as everybody can check it who knows the one before it or the one after it. */
export type AuthorityRecord = z.infer<typeof AuthorityRecord>;

/** The authorities of an installation, oldest first. */
export const AuthorityRecords = z.array(AuthorityRecord).max(1000);

/** The text by which an authority endorses the one after it. Authorities are named by the SHA-256 of their certificate (DER), in hexadecimal. */
export const endorseNextText = (own: string, next: string): string => ['sluice authority 1 next', own, next, ''].join('\n');

/** The text by which an authority endorses the one before it. `retiredAt` is a line of its own, and a hyphen while that one is in use. */
export const endorsePreviousText = (own: string, previous: string, retiredAt: string | null): string =>
  ['sluice authority 1 previous', own, previous, retiredAt ?? '-', ''].join('\n');

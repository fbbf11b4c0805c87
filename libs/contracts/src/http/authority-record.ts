import { z } from 'zod';

const signature = z.string().regex(/^[A-Za-z0-9+/]{86}==$/); // 64 bytes in base64
/** One certificate as PEM, and nothing else. */
const certificate = z.string().regex(/^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n?$/);

/**
 * An authority of the installation, as everybody can check it who knows the one before it or the one after it:
 *
 *   authority 1 ── endorsesNext ──► authority 2 ── endorsesNext ──► authority 3
 *               ◄─ endorsesPrevious           ◄─ endorsesPrevious
 *
 * A list of them is ordered by age, the oldest first. `docs/verify.md` is the specification for readers outside.
 */
export const AuthorityRecord = z.object({
  certificate: certificate.max(4000).meta({ description: 'PEM' }),
  acceptedUntil: z.iso
    .datetime({ precision: 3 })
    .regex(/^[12]/)
    .nullable()
    .meta({ description: 'nothing that was signed later is accepted; null until another one signs' }),
  endorsesNext: signature.nullable().meta({ description: 'its signature over the next authority; null for the last one' }),
  endorsesPrevious: signature.nullable().meta({
    description:
      'its signature over the authority before it and until when that is accepted; null until it signs, and for the first one',
  }),
});
/** An authority of the installation, as everybody can check it who knows the one before it or the one after it. */
export type AuthorityRecord = z.infer<typeof AuthorityRecord>;

/** How many authorities a list has at most: of more, the newest. */
export const MAX_AUTHORITIES = 100;

/** The authorities of an installation, oldest first. */
export const AuthorityRecords = z.array(AuthorityRecord).max(MAX_AUTHORITIES);

/** The text by which an authority endorses the one after it. Authorities are named by the SHA-256 of their certificate (DER), in hexadecimal. */
export const endorseNextText = (own: string, next: string): string => ['sluice authority 1 next', own, next, ''].join('\n');

/** The text by which an authority endorses the one before it, until a time: no authority signs that an earlier one is accepted without a limit. */
export const endorsePreviousText = (own: string, previous: string, acceptedUntil: string): string =>
  ['sluice authority 1 previous', own, previous, acceptedUntil, ''].join('\n');

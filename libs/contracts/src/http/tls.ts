import { plainText } from '@sluice/domain';
import { z } from 'zod';

/** How a service comes to TLS: from the first byte, or after PostgreSQL's request for it. Protocols with a request of their own are not known. */
const TLS_STARTS = ['direct', 'postgresql'] as const;
export const TlsStart = z.enum(TLS_STARTS);
/** How a service comes to TLS. */
export type TlsStart = z.infer<typeof TlsStart>;

/** The longest text of a certificate that is passed on, and how many of its names. */
export const TLS_LIMITS = { text: 300, name: 253, names: 50 } as const;

/** Text that a service or a relay chose. It is cleaned and bounded wherever it is received. */
const shown = (max: number) => z.string().max(max).overwrite(plainText);

const Certificate = z
  .object({
    subject: shown(TLS_LIMITS.text),
    issuer: shown(TLS_LIMITS.text),
    names: z
      .array(shown(TLS_LIMITS.name))
      .max(TLS_LIMITS.names)
      .meta({ description: `its alternative names: the first ${TLS_LIMITS.names}` }),
    nameCount: z.int().meta({ description: 'how many alternative names it has' }),
    validFrom: z.string().max(40).nullable(),
    validUntil: z.string().max(40).nullable(),
    fingerprint: shown(100).meta({ description: 'SHA-256' }),
    trusted: z.boolean().meta({
      description:
        "whether it is within its validity period and issued by a public authority, or one that the relay's system trusts",
    }),
    untrustedBecause: shown(TLS_LIMITS.text).nullable(),
    fits: z
      .array(
        z.object({
          name: shown(TLS_LIMITS.name),
          use: z.enum(['endpoint', 'client']).meta({
            description:
              '`endpoint`: the host that relays dial, which a client can be configured to expect; `client`: where clients connect, which they expect by default',
          }),
          fits: z.boolean(),
        }),
      )
      .max(5)
      .meta({ description: 'for which of the names that clients may expect it is valid' }),
  })
  .meta({ id: 'ServiceCertificate' });

/** What a relay saw when it tried a TLS handshake with a service. */
export const TlsSeen = z
  .object({
    result: z.enum(['certificate', 'no TLS', 'silent', 'handshake failed']).meta({
      description:
        '`no TLS`: the service sent something else, or closed the connection; `silent`: it sent nothing within 2 seconds; neither means that it is unhealthy',
    }),
    message: shown(TLS_LIMITS.text),
    certificate: Certificate.nullable(),
  })
  .meta({ id: 'TlsSeen' });
/** What a relay saw when it tried a TLS handshake with a service. */
export type TlsSeen = z.infer<typeof TlsSeen>;

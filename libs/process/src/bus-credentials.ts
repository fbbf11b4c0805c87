import { parseJson } from '@sluice/domain';
import { z } from 'zod';
import { fileContent } from './configuration.js';

const Credentials = z.object({ jwt: z.string(), seed: z.string(), ca: z.string().optional() });
/** A service's bus user, and the authority of the bus's certificate (PEM). Secret. */
export type BusCredentials = z.infer<typeof Credentials>;

/** Schema of a setting that names the file with a service's bus user. */
export const busCredentials = fileContent.transform((text, context): BusCredentials => {
  const credentials = Credentials.safeParse(parseJson(text));
  if (credentials.success) return credentials.data;
  context.addIssue('names a file that contains no bus user');
  return z.NEVER;
});

/** Schema of the number of NATS servers that keep each stream and bucket: an odd number, because more than half of them must agree. */
export const busReplicas = z.coerce
  .number()
  .refine((count) => [1, 3, 5].includes(count), 'is not 1, 3 or 5')
  .default(1);

const Signer = z.object({ account: z.string(), seed: z.string() });

/** Schema of a setting that names the file with the key that signs SIEM readers. Secret. */
export const readerSigner = fileContent.transform((text, context): z.infer<typeof Signer> => {
  const signer = Signer.safeParse(parseJson(text));
  if (signer.success) return signer.data;
  context.addIssue('names a file that contains no key for SIEM readers');
  return z.NEVER;
});

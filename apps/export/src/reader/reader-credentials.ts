import { fileContent } from '@sluice/process';
import { parseJson } from '@sluice/domain';
import { z } from 'zod';

/** The NATS user of a SIEM reader. Secret. */
export interface ReaderCredentials {
  readonly jwt: string;
  readonly seed: string;
  /** The public key of the user, by which its consumer and its inboxes are named. */
  readonly publicKey: string;
}

const Claims = z.object({ sub: z.string().regex(/^U[A-Z2-7]{55}$/) });
const blockOf = (text: string, name: string): string | undefined =>
  new RegExp(`-----BEGIN ${name}-----\\s+([\\w.-]+)\\s+-+END ${name}-+`).exec(text)?.[1];

/** Schema of a setting that names the `.creds` file of a SIEM reader. */
export const readerCredentials = fileContent.transform((text, context): ReaderCredentials => {
  const jwt = blockOf(text, 'NATS USER JWT');
  const seed = blockOf(text, 'USER NKEY SEED');
  const claims = Claims.safeParse(parseJson(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString()));
  if (jwt !== undefined && seed !== undefined && claims.success) return { jwt, seed, publicKey: claims.data.sub };
  context.addIssue('names a file that contains no credentials of a SIEM reader, as `sluice admin siem create --out` writes them');
  return z.NEVER;
});

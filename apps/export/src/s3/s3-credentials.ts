import { fileContent } from '@sluice/process';
import { z } from 'zod';

/** The access key of a store. Secret. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Schema of a setting that names a file with an access key, as the tools of AWS write it: `aws_access_key_id = ...` on a line. */
export const s3Credentials = fileContent.transform((text, context): S3Credentials => {
  const valueOf = (name: string): string | undefined => new RegExp(`^\\s*aws_${name}\\s*=\\s*(\\S+)\\s*$`, 'm').exec(text)?.[1];
  const accessKeyId = valueOf('access_key_id');
  const secretAccessKey = valueOf('secret_access_key');
  const sessionToken = valueOf('session_token');
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  context.addIssue('names a file without aws_access_key_id and aws_secret_access_key');
  return z.NEVER;
});

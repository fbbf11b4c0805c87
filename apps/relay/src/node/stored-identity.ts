import { NodeCredentials } from '@sluice/contracts';
import { JsonFile } from '@sluice/process';
import { z } from 'zod';

const StoredIdentity = z.object({
  gateway: z.string(),
  privateKey: z.string(),
  natsSeed: z.string(),
  credentials: NodeCredentials,
});
/** What a relay keeps in its home: the URL of the API, its key, the seed of its bus user, and its credentials. Secret. */
export type StoredIdentity = z.infer<typeof StoredIdentity>;

/** Reads the identity; undefined when the file does not exist. @throws Error when the file is malformed */
export function readIdentity(file: string): StoredIdentity | undefined {
  try {
    return new JsonFile(file, StoredIdentity).read();
  } catch (error) {
    throw new Error(`${file} cannot be read as this relay's identity: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes the identity, readable by the relay's user alone. */
export function saveIdentity(file: string, { gateway, privateKey, natsSeed, credentials }: StoredIdentity): void {
  new JsonFile(file, StoredIdentity).write({ gateway, privateKey, natsSeed, credentials });
}

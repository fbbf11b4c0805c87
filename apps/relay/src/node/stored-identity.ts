import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { NodeCredentials } from '@sluice/contracts';
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
    return StoredIdentity.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} cannot be read as this relay's identity: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes the identity, readable by the relay's user alone. */
export function saveIdentity(file: string, { gateway, privateKey, natsSeed, credentials }: StoredIdentity): void {
  writeFileSync(`${file}.new`, JSON.stringify({ gateway, privateKey, natsSeed, credentials }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What the built page has where its nonce belongs. */
const PLACEHOLDER = '__CSP_NONCE__';

/** The console's one page as it is answered once: nobody can guess its nonce, and it is not used again. */
export interface ConsolePage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/**
 * Reads the page from the folder that the console is built into, at each request: it names the files beside it, so it has to be
 * of the same build. @returns undefined if no console has been built: a gateway works without it
 */
export async function readConsolePage(folder: string | undefined): Promise<ConsolePage | undefined> {
  const built = folder === undefined ? undefined : await readIfThere(path.join(folder, 'index.html'));
  if (built === undefined) return undefined;
  const nonce = randomBytes(18).toString('base64url');
  return { html: built.replaceAll(PLACEHOLDER, nonce), contentSecurityPolicy: contentSecurityPolicy(nonce) };
}

/** Everything comes from this server, no script stands in the page itself, and no other page shows it in a frame. */
const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

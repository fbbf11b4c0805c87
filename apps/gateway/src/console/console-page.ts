import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What the built page has where its nonce belongs, and where it says whether the browser has a login. */
const PLACEHOLDERS = { nonce: '__CSP_NONCE__', login: '__LOGIN__' } as const;

/** The console's one page as it is answered once: nobody can guess its nonce, and it is not used again. */
export interface ConsolePage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/**
 * Reads the page from the folder that the console is built into, at each request: it names the files beside it, so it has to be
 * of the same build. @param hasNoLogin whether it is certain that the browser has no login, so that the page need not ask the API,
 * whose refusal the browser would report as an error @returns undefined if no console has been built: a gateway works without it
 */
export async function readConsolePage(folder: string | undefined, hasNoLogin: boolean): Promise<ConsolePage | undefined> {
  const built = folder === undefined ? undefined : await readIfThere(path.join(folder, 'index.html'));
  if (built === undefined) return undefined;
  const nonce = randomBytes(18).toString('base64url');
  const html = built.replaceAll(PLACEHOLDERS.nonce, nonce).replaceAll(PLACEHOLDERS.login, hasNoLogin ? 'none' : 'unknown');
  return { html, contentSecurityPolicy: contentSecurityPolicy(nonce) };
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

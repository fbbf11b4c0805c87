import { execFileSync } from 'node:child_process';
import { isIP } from 'node:net';
import type { AllowedUser } from '../listener/listener.js';
import { UsageError } from '../terminal/failure.js';

/** Reads `--allow-user`: a name or number of a user, or `any`. @throws UsageError for a user that does not exist */
export function readAllowedUser(text: string | undefined): AllowedUser {
  if (text === undefined) return process.getuid?.() ?? 0;
  if (text === 'any') return 'any';
  if (/^\d+$/.test(text)) return Number(text);
  try {
    return Number(execFileSync('id', ['-u', '--', text], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (cause) {
    throw new UsageError(`there is no user "${text}" on this machine (--allow-user)`, { cause });
  }
}

/**
 * Reads `--listen`. The user behind a connection of another machine cannot be determined, so everybody must be allowed.
 * @throws UsageError if it is no IP address, or not everybody is allowed
 */
export function readListenAddress(text: string | undefined, allowed: AllowedUser): string | undefined {
  if (text === undefined) return undefined;
  if (isIP(text) === 0) throw new UsageError(`"${text}" is not an IP address (--listen)`);
  if (allowed !== 'any')
    throw new UsageError('--listen needs --allow-user any: the users of other machines cannot be determined');
  return text;
}

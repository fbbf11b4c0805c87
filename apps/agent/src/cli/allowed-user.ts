import { execFileSync } from 'node:child_process';
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

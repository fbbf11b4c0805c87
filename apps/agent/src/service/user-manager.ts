import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WITHIN_MS = 30_000;

/** Runs `systemctl` for this user. @throws Error with its own message */
export async function systemctl(...args: string[]): Promise<void> {
  try {
    await run('systemctl', ['--user', '--no-pager', ...args], { timeout: WITHIN_MS });
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new Error(`systemctl --user ${args.join(' ')} failed: ${(stderr ?? '').trim() || message}`, { cause });
  }
}

/** Whether a `systemctl` command succeeds for this user; false when there is no systemd. */
export const systemctlSucceeds = (...args: string[]): Promise<boolean> =>
  systemctl(...args).then(
    () => true,
    () => false,
  );

/** Whether this user has a systemd that answers. */
export const systemdAnswers = (): Promise<boolean> => systemctlSucceeds('show-environment');

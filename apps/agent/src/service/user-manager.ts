import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WITHIN_MS = 30_000;

/** Asks the systemd of this user. @throws Error in its own words */
export async function systemctl(...args: string[]): Promise<void> {
  try {
    await run('systemctl', ['--user', '--no-pager', ...args], { timeout: WITHIN_MS });
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new Error(`systemctl --user ${args.join(' ')} failed: ${(stderr ?? '').trim() || message}`, { cause });
  }
}

/** Whether the systemd of this user says yes; no where there is none. */
export const systemdSays = (...args: string[]): Promise<boolean> =>
  systemctl(...args).then(
    () => true,
    () => false,
  );

/** Whether there is a systemd of this user that can be asked. */
export const systemdAnswers = (): Promise<boolean> => systemdSays('show-environment');

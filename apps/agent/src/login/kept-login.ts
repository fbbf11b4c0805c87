import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { AgentConfig } from '../config.js';

const KeptLogin = z.object({
  server: z.string(),
  token: z.string(),
  expiresAt: z.string(),
  account: z.object({ id: z.string(), email: z.string(), apiRole: z.string() }),
  privateKey: z.string(),
  certificate: z.string(),
  certificateExpiresAt: z.string(),
  ca: z.string(),
});
/** A login as it is kept on disk: token, key and certificate. Secret; the file is 0600 in a folder 0700. */
export type KeptLogin = z.infer<typeof KeptLogin>;

/** Makes the agent's folder, readable by its owner alone. */
export function prepareConfigHome(config: AgentConfig): void {
  mkdirSync(config.home, { recursive: true, mode: 0o700 });
  chmodSync(config.home, 0o700);
}

/** The kept login, or undefined when nobody is signed in here. */
export function readLogin(config: AgentConfig): KeptLogin | undefined {
  try {
    return KeptLogin.parse(JSON.parse(readFileSync(config.loginFile, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a file so that it is whole or not there. */
export function writePrivate(file: string, body: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(body, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const keepLogin = (config: AgentConfig, login: KeptLogin): void => writePrivate(config.loginFile, login);

export const forgetLogin = (config: AgentConfig): void => rmSync(config.loginFile, { force: true });

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { prepareFolder } from '@sluice/process';
import { z } from 'zod';
import type { AgentConfig } from '../config.js';
import { writePrivate } from '../store/write-private.js';

const StoredLogin = z.object({
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
export type StoredLogin = z.infer<typeof StoredLogin>;

/** The newest certificate of a login, which the agent alone writes: a renewal never touches the file of the login itself. */
const StoredCertificate = StoredLogin.pick({ privateKey: true, certificate: true, certificateExpiresAt: true, ca: true }).extend({
  of: z.string(),
});

/** Makes the agent's folder, readable by its owner alone. @throws ConfigError */
export const prepareConfigHome = (config: AgentConfig): void => prepareFolder(config.homeFrom, config.home);

/** The kept login, or undefined when nobody is signed in here. @throws Error in words when the file is there and is no login */
export function readLogin(config: AgentConfig): StoredLogin | undefined {
  let text: string;
  try {
    text = readFileSync(config.loginFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`the login in ${config.loginFile} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const login = StoredLogin.parse(JSON.parse(text));
    return { ...login, ...readCertificate(config, login) };
  } catch (cause) {
    throw new Error(`the login in ${config.loginFile} is damaged, or of another release: run \`sluice login\` again`, { cause });
  }
}

export const storeLogin = (config: AgentConfig, login: StoredLogin): void => writePrivate(config.loginFile, login);

/** Keeps a renewed certificate of a login. It counts for that login only, whoever has signed in or out meanwhile. */
export function keepCertificate(config: AgentConfig, login: StoredLogin): void {
  const { privateKey, certificate, certificateExpiresAt, ca } = login;
  writePrivate(config.certificateFile, { of: nameOf(login), privateKey, certificate, certificateExpiresAt, ca });
}

/** Removes the login, and what only it may know. What was connected stays: it is connected again after the next login. */
export function forgetLogin(config: AgentConfig): void {
  for (const file of [config.loginFile, config.certificateFile, config.feedFile, config.withdrawnFile])
    rmSync(file, { force: true });
}

function readCertificate(config: AgentConfig, login: StoredLogin): Partial<StoredLogin> {
  try {
    const { of, ...certificate } = StoredCertificate.parse(JSON.parse(readFileSync(config.certificateFile, 'utf8')));
    return of === nameOf(login) ? certificate : {};
  } catch {
    return {}; // not there, or damaged: that of the login is renewed
  }
}

/** Tells logins apart without being a secret. */
const nameOf = ({ token }: StoredLogin): string => createHash('sha256').update(token).digest('hex');

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { JsonFile, MalformedFileError, prepareFolder } from '@sluice/process';
import { z } from 'zod';
import type { AgentConfig } from '../config.js';

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
  try {
    const login = loginFile(config).read();
    return login && { ...login, ...readCertificate(config, login) };
  } catch (cause) {
    if (cause instanceof MalformedFileError)
      throw new Error(`the login in ${config.loginFile} is damaged, or of another release: run \`sluice login\` again`, {
        cause,
      });
    throw new Error(`the login in ${config.loginFile} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

export const storeLogin = (config: AgentConfig, login: StoredLogin): void => loginFile(config).write(login);

/** Keeps a renewed certificate of a login. It counts for that login only, whoever has signed in or out meanwhile. */
export function keepCertificate(config: AgentConfig, login: StoredLogin): void {
  const { privateKey, certificate, certificateExpiresAt, ca } = login;
  certificateFile(config).write({ of: nameOf(login), privateKey, certificate, certificateExpiresAt, ca });
}

/** Removes the login, and what only it may know. What was connected stays: it is connected again after the next login. */
export function forgetLogin(config: AgentConfig): void {
  for (const file of [config.loginFile, config.certificateFile, config.feedFile, config.withdrawnFile])
    rmSync(file, { force: true });
}

function readCertificate(config: AgentConfig, login: StoredLogin): Partial<StoredLogin> {
  const kept = certificateFile(config).readIfUsable();
  if (kept?.of !== nameOf(login)) return {}; // that of the login is renewed
  const { of: _, ...certificate } = kept;
  return certificate;
}

const loginFile = ({ loginFile: file }: AgentConfig) => new JsonFile(file, StoredLogin);
const certificateFile = ({ certificateFile: file }: AgentConfig) => new JsonFile(file, StoredCertificate);

/** Tells logins apart without being a secret. */
const nameOf = ({ token }: StoredLogin): string => createHash('sha256').update(token).digest('hex');

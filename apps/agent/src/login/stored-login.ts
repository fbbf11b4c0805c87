import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { JsonFile, MalformedFileError, prepareFolder } from '@sluice/process';
import { z } from 'zod';
import type { AgentConfig } from '../config.js';

const StoredLogin = z.object({
  server: z.string(),
  token: z.string(),
  /** Absent if it was stored by an older release. */
  loginId: z.string().optional(),
  expiresAt: z.string(),
  account: z.object({ id: z.string(), email: z.string(), apiRole: z.string() }),
  privateKey: z.string(),
  certificate: z.string(),
  certificateExpiresAt: z.string(),
  ca: z.string(),
});
/** A login as it is stored on disk: token, key and certificate. Secret; the file has mode 0600 in a folder of mode 0700. */
export type StoredLogin = z.infer<typeof StoredLogin>;

/** The newest certificate of a login, in a file of its own that only the agent writes, so that a renewal never touches the login. */
const StoredCertificate = StoredLogin.pick({ privateKey: true, certificate: true, certificateExpiresAt: true, ca: true }).extend({
  of: z.string(),
});

/** Makes the agent's folder, readable by its owner alone. @throws ConfigError */
export const prepareConfigHome = (config: AgentConfig): void => prepareFolder(config.homeFrom, config.home);

/** The stored login, or undefined when nobody is signed in. @throws Error with a message for the user when the file cannot be read */
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

/** The stored login, or undefined when there is none that can be read. */
export const readLoginIfUsable = (config: AgentConfig): StoredLogin | undefined => loginFile(config).readIfUsable();

export const storeLogin = (config: AgentConfig, login: StoredLogin): void => loginFile(config).write(login);

/** Stores a renewed certificate. It names its login, so that it is not used for another one that signed in meanwhile. */
export function keepCertificate(config: AgentConfig, login: StoredLogin): void {
  const { privateKey, certificate, certificateExpiresAt, ca } = login;
  certificateFile(config).write({ of: nameOf(login), privateKey, certificate, certificateExpiresAt, ca });
}

/** Removes the login and what belongs to it alone. The list of connected servers stays, to be connected after the next login. */
export function forgetLogin(config: AgentConfig): void {
  for (const file of [config.loginFile, config.certificateFile, config.feedFile, config.withdrawnFile])
    rmSync(file, { force: true });
}

function readCertificate(config: AgentConfig, login: StoredLogin): Partial<StoredLogin> {
  const kept = certificateFile(config).readIfUsable();
  if (kept?.of !== nameOf(login)) return {}; // the certificate in the login is used, and renewed
  const { of: _, ...certificate } = kept;
  return certificate;
}

const loginFile = ({ loginFile: file }: AgentConfig) => new JsonFile(file, StoredLogin);
const certificateFile = ({ certificateFile: file }: AgentConfig) => new JsonFile(file, StoredCertificate);

/** Identifies a login without revealing its token. */
const nameOf = ({ token }: StoredLogin): string => createHash('sha256').update(token).digest('hex');

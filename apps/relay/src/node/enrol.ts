import { readFile } from 'node:fs/promises';
import { createUser } from '@nats-io/nkeys';
import { enrolNode } from '@sluice/contracts';
import { BackOff } from '@sluice/domain';
import { assertNodeCredentials, makeKeyPair, obtain, parseEnrolmentToken } from '@sluice/identity';
import { ConfigError, type Log } from '@sluice/process';
import type { RelayConfig } from '../config.js';
import { busPublicKey } from './bus-public-key.js';
import { RefusedError, requestCredentials } from './request-credentials.js';
import type { StoredIdentity } from './stored-identity.js';

/** How long to wait for the token's file, and then for the gateway. */
const ENROL_WITHIN_MS = 60_000;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 500;

/**
 * Enrols this relay: generates its keys, and exchanges the token for credentials. The token and the gateway may become
 * available after the relay has started. @throws Error whose message says why the relay could not be enrolled
 */
export async function enrol(config: RelayConfig, log: Log): Promise<StoredIdentity> {
  const token = readEnrolmentToken(config.enrolmentToken ?? (await readToken(config.enrolmentTokenFile)));
  const gateway = config.gatewayUrl ?? token.gateway;
  const pair = makeKeyPair();
  const natsSeed = Buffer.from(createUser().getSeed()).toString();
  const keys = { publicKey: pair.publicPem, natsPublicKey: busPublicKey(natsSeed) };
  const request = { secret: token.secret, ...keys, ...(config.name === undefined ? {} : { name: config.name }) };
  const attempt = () => requestCredentials(gateway, enrolNode.path, request);
  const inTime = untilDeadline();
  const credentials = await obtain(attempt, retries(), (error) => {
    if (error instanceof RefusedError) throw error;
    inTime(error);
    log.info({ why: (error as Error).message }, 'the gateway does not respond yet; trying again');
  });
  try {
    assertNodeCredentials(credentials, { trusted: token.caFingerprint, privateKey: pair.privatePem, signed: token.signed });
  } catch (cause) {
    throw new RefusedError(
      `these credentials do not follow from the certificate authority that the token names: ${(cause as Error).message}`,
    );
  }
  return { gateway, privateKey: pair.privatePem, natsSeed, credentials };
}

/** @throws ConfigError for something that is no token */
function readEnrolmentToken(text: string) {
  try {
    return parseEnrolmentToken(text);
  } catch (cause) {
    throw new ConfigError(`SLUICE_ENROLMENT_TOKEN: ${(cause as Error).message}`, { cause });
  }
}

/** Reads the token from its file, waiting until it has been written. */
async function readToken(file: string | undefined): Promise<string> {
  const missing = 'this relay is not enrolled: set SLUICE_ENROLMENT_TOKEN to a token from `sluice admin nodes create-token`';
  if (file === undefined) throw new ConfigError(missing);
  const attempt = async () => {
    const token = await readFile(file, 'utf8').catch(() => '');
    if (!token.endsWith('\n')) throw new Error(missing); // the file does not exist, or is not completely written
    return token.trim();
  };
  return obtain(attempt, retries(), untilDeadline());
}

const retries = () => new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS);

/** Returns a function that rethrows its argument once the time limit for enrolling has passed. */
function untilDeadline(): (error: unknown) => void {
  const deadline = performance.now() + ENROL_WITHIN_MS;
  return (error) => {
    if (performance.now() >= deadline) throw error;
  };
}

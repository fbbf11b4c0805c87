import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { enrolNode, type InputOf, NODE_DELETED, NodeCredentials, Problem, renewalBytes, renewNode } from '@sluice/contracts';
import { isLoopbackHost } from '@sluice/domain';
import { fingerprintOf, makeKeyPair, OwnIdentity, parseEnrolmentToken } from '@sluice/identity';
import { type Log, prepareFolder } from '@sluice/process';
import { z } from 'zod';
import type { RelayConfig } from '../config.js';

const Kept = z.object({ gateway: z.string(), privateKey: z.string(), natsSeed: z.string(), credentials: NodeCredentials });
type Kept = z.infer<typeof Kept>;

const RENEW_EVERY_MS = 20 * 60_000;
const RENEW_RETRY_MS = 30_000;
const FIRST_RETRY_MS = 500;
const ENROL_RETRY_MS = 150;
const ENROL_TRIES = 400;
const REQUEST_TIMEOUT_MS = 10_000;

/** Who this relay is: its key, certificate and bus user, kept in one file of its home (0600) and renewed long before they end. */
export class NodeIdentity {
  private timer: NodeJS.Timeout | undefined;
  private deleted = false;
  private readonly onDeletedListeners = new Set<() => void>();
  private held: OwnIdentity;

  private constructor(
    private kept: Kept,
    private readonly file: string,
    private readonly log: Log,
    private readonly onRenewed: Set<() => void> = new Set(),
  ) {
    this.held = ownOf(kept);
  }

  /** Reads the identity, or enrols with the token. @throws Error in words when neither is possible. */
  static async load(config: RelayConfig, log: Log): Promise<NodeIdentity> {
    prepareFolder('SLUICE_RELAY_HOME', config.home);
    const file = path.join(config.home, 'identity.json');
    const kept = readKept(file) ?? (await enrol(config, log));
    const identity = new NodeIdentity({ ...kept, gateway: config.gatewayUrl ?? kept.gateway }, file, log);
    identity.save();
    // renewed before use: the bus user is short-lived, and the bus may have moved
    await identity.renewAndSchedule(FIRST_RETRY_MS);
    return identity;
  }

  get credentials(): NodeCredentials {
    return this.kept.credentials;
  }

  /** Key and certificate as they are now. */
  get own(): OwnIdentity {
    return this.held;
  }

  /** Seed of the bus user. Secret. */
  get natsSeed(): string {
    return this.kept.natsSeed;
  }

  /** Calls `listener` after each renewal. */
  afterRenewal(listener: () => void): void {
    this.onRenewed.add(listener);
  }

  /** Calls `listener` once this relay is known to be deleted, at once when it is: nobody lets it in any more, and nothing brings it back. */
  onDeleted(listener: () => void): void {
    if (this.deleted) return listener();
    this.onDeletedListeners.add(listener);
  }

  /** The registry has said that this relay is deleted. */
  markDeleted(): void {
    if (this.deleted) return;
    this.deleted = true;
    this.stop();
    for (const listener of this.onDeletedListeners) listener();
  }

  /** Renews now: the present certificate is not accepted any more. */
  renewSoon(): void {
    clearTimeout(this.timer);
    this.schedule(0);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private schedule(inMs: number): void {
    if (this.deleted) return;
    this.timer = setTimeout(() => void this.renewAndSchedule(RENEW_RETRY_MS), inMs).unref();
  }

  /** Renews, and plans the next time: soon, when it did not go well. */
  private async renewAndSchedule(retryMs: number): Promise<void> {
    try {
      await this.renew();
      this.schedule(RENEW_EVERY_MS);
    } catch (error) {
      if (error instanceof RefusedError && error.code === NODE_DELETED) return this.markDeleted();
      this.log.warn({ err: error }, 'credentials could not be renewed; the next try is soon');
      this.schedule(retryMs);
    }
  }

  private async renew(): Promise<void> {
    const pair = makeKeyPair();
    const at = new Date().toISOString();
    const question = {
      certificate: this.kept.credentials.certificate,
      publicKey: pair.publicPem,
      natsPublicKey: publicKeyOf(this.kept.natsSeed),
      at,
    };
    const signature = this.held.sign(Buffer.from(renewalBytes(question))).toString('base64');
    const credentials = await post(this.kept.gateway, renewNode.path, { ...question, signature } satisfies InputOf<
      typeof renewNode
    >);
    this.kept = { ...this.kept, privateKey: pair.privatePem, credentials };
    this.held = ownOf(this.kept);
    this.save();
    for (const listener of this.onRenewed) listener();
  }

  private save(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(this.kept), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

const ownOf = ({ privateKey, credentials: { certificate, ca } }: Kept): OwnIdentity =>
  new OwnIdentity({ certificate, privateKey, ca });

function readKept(file: string): Kept | undefined {
  try {
    return Kept.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} cannot be read as this relay's identity: ${(error as Error).message}`, { cause: error });
  }
}

async function enrol(config: RelayConfig, log: Log): Promise<Kept> {
  const token = parseEnrolmentToken(config.enrolmentToken ?? (await tokenInFile(config.enrolmentTokenFile)));
  const gateway = config.gatewayUrl ?? token.gateway;
  const pair = makeKeyPair();
  const natsSeed = Buffer.from(createUser().getSeed()).toString();
  const question = { secret: token.secret, publicKey: pair.publicPem, natsPublicKey: publicKeyOf(natsSeed) };
  for (let tries = 1; ; tries++) {
    try {
      const credentials = await post(gateway, enrolNode.path, question);
      if (fingerprintOf(credentials.ca) !== token.caFingerprint)
        throw new RefusedError('the gateway answered with another authority than the token names');
      return { gateway, privateKey: pair.privatePem, natsSeed, credentials };
    } catch (error) {
      if (error instanceof RefusedError || tries === ENROL_TRIES) throw error;
      log.info({ why: (error as Error).message }, 'the gateway does not answer yet; trying again');
      await new Promise((resolve) => setTimeout(resolve, ENROL_RETRY_MS));
    }
  }
}

/** Reads the token from its file, waiting for the file to be written. */
async function tokenInFile(file: string | undefined): Promise<string> {
  for (let tries = 1; file !== undefined && tries <= ENROL_TRIES; tries++) {
    const token = await readFile(file, 'utf8').catch(() => '');
    if (token.endsWith('\n')) return token.trim();
    await new Promise((resolve) => setTimeout(resolve, ENROL_RETRY_MS));
  }
  throw new Error('this relay is not enrolled: set SLUICE_ENROLMENT_TOKEN to a token from `sluice admin nodes create-token`');
}

/** The API said no: trying again changes nothing. */
class RefusedError extends Error {
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

async function post(gateway: string, path: string, body: unknown): Promise<NodeCredentials> {
  const url = new URL(`/api/v1${path}`, gateway);
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    throw new RefusedError(`${gateway} is plain http to another machine; use https`);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error', // it holds the token
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return NodeCredentials.parse(answer);
  const problem = Problem.safeParse(answer).data;
  const title = problem?.title ?? `HTTP ${response.status}`;
  throw response.status >= 500 ? new Error(title) : new RefusedError(title, problem?.code);
}

const publicKeyOf = (seed: string): string => fromSeed(new TextEncoder().encode(seed)).getPublicKey();

import path from 'node:path';
import { type InputOf, NODE_DELETED, type NodeCredentials, renewalBytes, renewNode } from '@sluice/contracts';
import { BackOff } from '@sluice/domain';
import { makeKeyPair, OwnIdentity, RenewingIdentity } from '@sluice/identity';
import { type Log, prepareFolder } from '@sluice/process';
import type { RelayConfig } from '../config.js';
import { busPublicKey } from './bus-public-key.js';
import { enrol } from './enrol.js';
import { RefusedError, requestCredentials } from './request-credentials.js';
import { readIdentity, saveIdentity, type StoredIdentity } from './stored-identity.js';

const RENEW_EVERY_MS = 20 * 60_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

interface Held extends StoredIdentity {
  readonly own: OwnIdentity;
}

/** Who this relay is: its key, certificate and bus user, kept in one file of its home (0600) and renewed long before they end. */
export class NodeIdentity {
  private readonly renewing: RenewingIdentity<Held>;
  private deleted = false;
  private readonly deletedListeners = new Set<() => void>();

  private constructor(
    stored: StoredIdentity,
    file: string,
    private readonly log: Log,
  ) {
    this.renewing = new RenewingIdentity(withOwn(stored), {
      renew: async (held) => {
        const renewed = await renew(held);
        saveIdentity(file, renewed);
        return renewed;
      },
      everyMs: RENEW_EVERY_MS,
      backOff: new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS),
      onFailed: (error) => this.renewalFailed(error),
    });
  }

  /** Reads the identity, or enrols with the token. @throws Error that says why neither is possible */
  static async load(config: RelayConfig, log: Log): Promise<NodeIdentity> {
    prepareFolder('SLUICE_RELAY_HOME', config.home);
    const file = path.join(config.home, 'identity.json');
    const stored = readIdentity(file) ?? (await enrol(config, log));
    const current = { ...stored, gateway: config.gatewayUrl ?? stored.gateway };
    saveIdentity(file, current);
    const identity = new NodeIdentity(current, file, log);
    await identity.renewNow(); // before use: the bus user is short-lived, and the bus may have moved
    return identity;
  }

  get credentials(): NodeCredentials {
    return this.renewing.held.credentials;
  }

  /** Key and certificate as they are now. */
  get own(): OwnIdentity {
    return this.renewing.own;
  }

  /** Seed of the bus user. Secret. */
  get natsSeed(): string {
    return this.renewing.held.natsSeed;
  }

  /** Calls `listener` after each renewal. */
  afterRenewal(listener: () => void): void {
    this.renewing.afterRenewal(listener);
  }

  /** Calls `listener` once this relay is known to be deleted, immediately if it is: it will never be accepted again. */
  onDeleted(listener: () => void): void {
    if (this.deleted) return listener();
    this.deletedListeners.add(listener);
  }

  /** The registry has said that this relay is deleted. */
  markDeleted(): void {
    if (this.deleted) return;
    this.deleted = true;
    this.stop();
    for (const listener of this.deletedListeners) listener();
  }

  /** Renews now: the present certificate is no longer accepted. */
  renewNow(): Promise<void> {
    return this.renewing.renewNow();
  }

  stop(): void {
    this.renewing.stop();
  }

  private renewalFailed(error: unknown): void {
    if (error instanceof RefusedError && error.code === NODE_DELETED) return this.markDeleted();
    this.log.warn({ err: error }, 'credentials could not be renewed; the next attempt is soon');
  }
}

/** Makes a new key and requests credentials for it, with a signature by the present one. */
async function renew(held: Held): Promise<Held> {
  const pair = makeKeyPair();
  const request = {
    certificate: held.credentials.certificate,
    publicKey: pair.publicPem,
    natsPublicKey: busPublicKey(held.natsSeed),
    at: new Date().toISOString(),
  };
  const signature = held.own.sign(Buffer.from(renewalBytes(request))).toString('base64');
  const body: InputOf<typeof renewNode> = { ...request, signature };
  const credentials = await requestCredentials(held.gateway, renewNode.path, body);
  return withOwn({ ...held, privateKey: pair.privatePem, credentials });
}

function withOwn(stored: StoredIdentity): Held {
  const { certificate, ca } = stored.credentials;
  return { ...stored, own: new OwnIdentity({ certificate, privateKey: stored.privateKey, ca }) };
}

import path from 'node:path';
import { AUTHORITY_RETIRED, type InputOf, NODE_DELETED, type NodeCredentials, renewalBytes, renewNode } from '@sluice/contracts';
import { BackOff } from '@sluice/domain';
import { assertNodeCredentials, makeKeyPair, OwnIdentity, RenewingIdentity } from '@sluice/identity';
import { type Log, prepareFolder } from '@sluice/process';
import type { RelayConfig } from '../config.js';
import { busPublicKey } from './bus-public-key.js';
import { enrol } from './enrol.js';
import { RefusedError, requestCredentials } from './request-credentials.js';
import { readIdentity, saveIdentity, type StoredIdentity } from './stored-identity.js';

const RENEW_EVERY_MS = 20 * 60_000;
/** Relays that learn of the same change renew within this time. */
const FOLLOW_WITHIN_MS = 5000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
/** How long after its start a relay waits for the policy before it believes what a gateway says, in milliseconds. */
const HEAR_WITHIN_MS = 15_000;

interface Held extends StoredIdentity {
  readonly own: OwnIdentity;
}

/** The identity of this relay: its key, certificate and bus user. They are kept in one file in its home (mode 0600) and renewed long before they expire. */
export class NodeIdentity {
  private readonly renewing: RenewingIdentity<Held>;
  private whyLost: string | undefined;
  private readonly lostListeners = new Set<(why: string) => void>();
  private isKnown: () => boolean | undefined = () => undefined;
  private readonly startedAt = performance.now();
  /** The accepted authorities that were last compared with its own. */
  private followed = '';

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

  /** Reads the identity, or enrols with the token. @throws Error whose message says why neither is possible */
  static async load(config: RelayConfig, log: Log): Promise<NodeIdentity> {
    prepareFolder('SLUICE_RELAY_HOME', config.home);
    const file = path.join(config.home, 'identity.json');
    const stored = readIdentity(file) ?? (await enrol(config, log));
    const current = { ...stored, gateway: config.gatewayUrl ?? stored.gateway };
    saveIdentity(file, current);
    const identity = new NodeIdentity(current, file, log);
    await identity.renewNow(); // the bus user may have expired while the relay was stopped, and the bus may have a new address
    return identity;
  }

  get credentials(): NodeCredentials {
    return this.renewing.held.credentials;
  }

  /** The current key and certificate. */
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

  /** Calls `listener` with the reason when it becomes known that this relay will never be accepted again, or immediately if it is known already. */
  onLost(listener: (why: string) => void): void {
    if (this.whyLost !== undefined) return listener(this.whyLost);
    this.lostListeners.add(listener);
  }

  /**
   * A gateway can say that this relay was deleted, or the authority of its certificate retired, and is not believed if the registry says
   * otherwise over the bus, where no gateway can pose as it. At the start there is time for the registry to say so.
   * @param isKnown whether the registry does; undefined before it has said anything
   */
  doubtGateways(isKnown: () => boolean | undefined): void {
    this.isKnown = isKnown;
  }

  /** Notes that the registry has deleted this relay, which will never be accepted again. */
  markDeleted(): void {
    this.lose('this relay was deleted');
  }

  /** Renews within a few seconds if other authorities are accepted, or another one signs, than those that this certificate came with. */
  followAuthorities(accepted: readonly string[] | undefined): void {
    if (accepted === undefined || String(accepted) === this.followed) return;
    this.followed = String(accepted);
    if (this.followed !== String(this.own.authority.fingerprints)) this.renewing.renewWithin(FOLLOW_WITHIN_MS);
  }

  /** Renews immediately, because the current certificate is no longer accepted. */
  renewNow(): Promise<void> {
    return this.renewing.renewNow();
  }

  stop(): void {
    this.renewing.stop();
  }

  private lose(why: string): void {
    if (this.whyLost !== undefined) return;
    this.whyLost = why;
    this.stop();
    for (const listener of this.lostListeners) listener(why);
  }

  private renewalFailed(error: unknown): void {
    const code = error instanceof RefusedError ? error.code : undefined;
    if (code !== NODE_DELETED && code !== AUTHORITY_RETIRED)
      return this.log.warn({ err: error }, 'credentials could not be renewed; trying again soon');
    const isKnown = this.isKnown();
    if (isKnown === undefined && performance.now() - this.startedAt < HEAR_WITHIN_MS)
      return this.log.warn({ err: error }, 'a gateway says that this relay is not accepted any more; the policy may know better');
    if (isKnown === true)
      return this.log.error({ err: error }, 'a gateway says that this relay is not accepted any more, and the policy that it is');
    if (code === NODE_DELETED) return this.markDeleted();
    this.lose((error as Error).message);
  }
}

/** Generates a new key and requests credentials for it; the request is signed with the current key. */
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
  const [trusted] = held.own.authority.fingerprints as [string];
  const { credentials: before } = held;
  const signed = before.signature !== undefined;
  assertNodeCredentials(credentials, { trusted, privateKey: pair.privatePem, before, signed });
  return withOwn({ ...held, privateKey: pair.privatePem, credentials });
}

function withOwn(stored: StoredIdentity): Held {
  const { certificate, ca } = stored.credentials;
  return { ...stored, own: new OwnIdentity({ certificate, privateKey: stored.privateKey, ca }) };
}

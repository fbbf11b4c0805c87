import { randomUUID } from 'node:crypto';
import { registerGateway } from '@sluice/contracts';
import { BackOff } from '@sluice/domain';
import { makeKeyPair, obtain, OwnIdentity, RenewingIdentity } from '@sluice/identity';
import type { Bus } from '@sluice/messaging';
import type { Log } from '@sluice/process';

const RENEW_EVERY_MS = 6 * 3600_000;
/** Gateways that learn of the same change renew within this time. */
const FOLLOW_WITHIN_MS = 2000;
const FIRST_RETRY_MS = 100;
const MAX_FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

/** The gateway's name, and the addresses at which agents and relays reach it. */
interface GatewayPlace {
  readonly name: string;
  readonly address: string;
  readonly relayAddress: string | null;
}

/** What the registry certifies: the gateway's id, its key and its certificate. */
interface Held {
  readonly nodeId: string;
  readonly own: OwnIdentity;
}

/** The gateway's identity: a key made at start and certified by the registry over the bus. It is renewed well before it expires. */
export class GatewayIdentity {
  private readonly renewing: RenewingIdentity<Held>;
  /** The accepted authorities that were last compared with its own. */
  private followed = '';

  private constructor(bus: Bus, at: GatewayPlace, log: Log, first: Held) {
    this.renewing = new RenewingIdentity(first, {
      renew: () => certify(bus, at),
      everyMs: RENEW_EVERY_MS,
      backOff: new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS),
      onFailed: (error) => log.warn({ err: error }, 'the gateway certificate could not be renewed; it will be retried'),
    });
  }

  /** Registers the gateway, and retries until the registry answers. */
  static async register(bus: Bus, at: GatewayPlace, log: Log): Promise<GatewayIdentity> {
    const first = await obtain(
      () => certify(bus, at),
      new BackOff(FIRST_RETRY_MS, MAX_FIRST_RETRY_MS),
      (error) => log.info({ why: (error as Error).message }, 'the registry does not answer yet; trying again'),
    );
    return new GatewayIdentity(bus, at, log, first);
  }

  /** Calls `listener` after each renewal. */
  afterRenewal(listener: () => void): void {
    this.renewing.afterRenewal(listener);
  }

  get nodeId(): string {
    return this.renewing.held.nodeId;
  }

  /** The current key and certificate. */
  get own(): OwnIdentity {
    return this.renewing.own;
  }

  /** Whether the certificate has not expired. */
  get valid(): boolean {
    return this.own.expiresAt > Date.now();
  }

  /** Renews at once, because the present certificate was revoked. */
  renewSoon(): void {
    void this.renewing.renewNow();
  }

  /** Renews within a few seconds if other authorities are accepted, or another one signs, than those that this certificate came with. */
  followAuthorities(accepted: readonly string[] | undefined): void {
    if (accepted === undefined || String(accepted) === this.followed) return;
    this.followed = String(accepted);
    if (this.followed !== String(this.own.authority.fingerprints)) this.renewing.renewWithin(FOLLOW_WITHIN_MS);
  }

  stop(): void {
    this.renewing.stop();
  }
}

async function certify(bus: Bus, at: GatewayPlace): Promise<Held> {
  const pair = makeKeyPair();
  const answer = await bus.call(registerGateway, { ...at, publicKey: pair.publicPem }, { requestId: randomUUID() });
  const own = new OwnIdentity({ certificate: answer.certificate, privateKey: pair.privatePem, ca: answer.ca });
  return { nodeId: answer.nodeId, own };
}

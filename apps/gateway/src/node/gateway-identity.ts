import { randomUUID } from 'node:crypto';
import { registerGateway } from '@sluice/contracts';
import { makeKeyPair, OwnIdentity } from '@sluice/identity';
import type { Bus } from '@sluice/messaging';
import type { Log } from '@sluice/process';

const RENEW_EVERY_MS = 6 * 3600_000;
const RETRY_MS = 100;

/** Its name, and where agents and relays find it. */
interface GatewayPlace {
  readonly name: string;
  readonly address: string;
  readonly relayAddress: string | null;
}

/** Who this gateway is: a key made at start, certified by the registry over the bus, renewed long before the day is over. */
export class GatewayIdentity {
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly bus: Bus,
    private readonly at: GatewayPlace,
    private readonly log: Log,
    private held: { nodeId: string; own: OwnIdentity },
  ) {}

  /** Registers, trying until the registry answers. */
  static async register(bus: Bus, at: GatewayPlace, log: Log): Promise<GatewayIdentity> {
    for (;;) {
      try {
        const identity = new GatewayIdentity(bus, at, log, await certify(bus, at));
        identity.schedule(RENEW_EVERY_MS);
        return identity;
      } catch (error) {
        log.info({ why: (error as Error).message }, 'the registry does not answer yet; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  get nodeId(): string {
    return this.held.nodeId;
  }

  /** Key and certificate as they are now. */
  get own(): OwnIdentity {
    return this.held.own;
  }

  /** Whether the certificate is in its time. */
  get valid(): boolean {
    return this.held.own.expiresAt > Date.now();
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
    this.timer = setTimeout(() => {
      certify(this.bus, this.at).then(
        (held) => {
          this.held = held;
          this.schedule(RENEW_EVERY_MS);
        },
        (error: unknown) => {
          this.log.warn({ err: error }, 'the gateway certificate could not be renewed; the next try is soon');
          this.schedule(30_000);
        },
      );
    }, inMs).unref();
  }
}

async function certify(bus: Bus, at: GatewayPlace) {
  const pair = makeKeyPair();
  const answer = await bus.call(registerGateway, { ...at, publicKey: pair.publicPem }, { requestId: randomUUID() });
  const own = new OwnIdentity({ certificate: answer.certificate, privateKey: pair.privatePem, ca: answer.ca });
  return { nodeId: answer.nodeId, own };
}

import { X509Certificate } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import { registerGateway } from '@sluice/contracts';
import { type KeyPair, makeKeyPair, signBytes } from '@sluice/identity';
import type { Bus } from '@sluice/messaging';
import type { Log } from '@sluice/process';
import type { Credentials } from '@sluice/tunnel';

const RENEW_EVERY_MS = 6 * 3600_000;
const RETRY_MS = 100;

/** Who this gateway is: a key made at start, certified by the registry over the bus, renewed long before the day is over. */
export class GatewayIdentity {
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly bus: Bus,
    private readonly at: { name: string; address: string },
    private readonly log: Log,
    private held: { pair: KeyPair; nodeId: string; certificate: X509Certificate; authority: X509Certificate },
  ) {}

  /** Registers, trying until the registry answers. */
  static async register(bus: Bus, at: { name: string; address: string }, log: Log): Promise<GatewayIdentity> {
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

  get authority(): X509Certificate {
    return this.held.authority;
  }

  get credentials(): Credentials {
    const { pair, certificate } = this.held;
    return { certificate: certificate.raw, sign: (bytes) => signBytes(pair.privateKey, bytes) };
  }

  /** Whether the certificate is in its time. */
  get valid(): boolean {
    return Date.parse(this.held.certificate.validTo) > Date.now();
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

async function certify(bus: Bus, at: { name: string; address: string }) {
  const pair = makeKeyPair();
  const answer = await bus.ask(registerGateway, { ...at, publicKey: pair.publicPem }, { requestId: randomUUID() });
  return {
    pair,
    nodeId: answer.nodeId,
    certificate: new X509Certificate(answer.certificate),
    authority: new X509Certificate(answer.ca),
  };
}

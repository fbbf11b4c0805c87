import { BackOff } from '@sluice/domain';
import { makeKeyPair } from './key-pair.js';
import { type IdentityTexts, OwnIdentity } from './own-identity.js';
import { obtain, RenewingIdentity } from './renewing-identity.js';

const RENEW_EVERY_MS = 6 * 3600_000;
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 30_000;

interface Held {
  readonly own: OwnIdentity;
}

/**
 * The identity with which a service signs the chain of its facts: a key made when the process starts, which never leaves it, and
 * a certificate for it. The service starts without it, as the registry may not be there yet.
 */
export class ServiceIdentity {
  private renewing: RenewingIdentity<Held> | undefined;
  private stopped = false;

  /**
   * @param certify has the authority certify a public key (PEM)
   * @param onFailed called after each failure; it is retried
   */
  constructor(
    private readonly certify: (publicKey: string) => Promise<Pick<IdentityTexts, 'certificate' | 'ca'>>,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  /** Its key and certificate; undefined until the authority has certified one. */
  get own(): OwnIdentity | undefined {
    return this.renewing?.own;
  }

  /** Begins to obtain a certificate, and renews it until `stop`. */
  start(): void {
    void obtain(
      () => this.make(),
      new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS),
      (error) => {
        if (this.stopped) throw error; // ends the attempts
        this.onFailed(error);
      },
    ).then(
      (first) => this.keep(first),
      () => undefined,
    );
  }

  stop(): void {
    this.stopped = true;
    this.renewing?.stop();
  }

  private keep(first: Held): void {
    if (this.stopped) return;
    this.renewing = new RenewingIdentity(first, {
      renew: () => this.make(),
      everyMs: RENEW_EVERY_MS,
      backOff: new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS),
      onFailed: this.onFailed,
    });
  }

  private async make(): Promise<Held> {
    const pair = makeKeyPair();
    const { certificate, ca } = await this.certify(pair.publicPem);
    return { own: new OwnIdentity({ certificate, ca, privateKey: pair.privatePem }) };
  }
}

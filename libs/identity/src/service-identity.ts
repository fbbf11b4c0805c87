import type { ChainedService, Dropped, SignedHead } from '@sluice/contracts';
import { BackOff } from '@sluice/domain';
import { type DroppedStatement, signDropped } from './check-dropped.js';
import { makeKeyPair } from './key-pair.js';
import { type IdentityTexts, OwnIdentity } from './own-identity.js';
import { obtain, RenewingIdentity } from './renewing-identity.js';
import { type ChainEnd, signHead } from './sign-head.js';
import type { CertificateVerifier } from './verify-certificate.js';

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
  private readonly stopping = new AbortController();

  /**
   * @param service whose chain it signs
   * @param certify has the authority certify a public key (PEM)
   * @param onFailed called after each failure; it is retried
   */
  constructor(
    private readonly service: ChainedService,
    private readonly certify: (publicKey: string) => Promise<Pick<IdentityTexts, 'certificate' | 'ca'>>,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  /** What checks certificates of the installation; undefined until the authority has certified a key. */
  get authority(): CertificateVerifier | undefined {
    return this.renewing?.own.authority;
  }

  /** Signs the end of the service's chain; undefined until the authority has certified a key. */
  signHead(end: ChainEnd): SignedHead | undefined {
    return this.renewing && signHead(this.renewing.own, this.service, end);
  }

  /** Signs what is dropped from a chain; undefined until the authority has certified a key. Only the audit service's signature counts. */
  signDropped(stated: DroppedStatement): Dropped | undefined {
    return this.renewing && signDropped(this.renewing.own, stated);
  }

  /** Begins to obtain a certificate, and renews it until `stop`. */
  start(): void {
    const backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS);
    void obtain(() => this.make(), backOff, this.onFailed, this.stopping.signal).then(
      (first) => this.keep(first),
      () => undefined, // it was stopped
    );
  }

  stop(): void {
    this.stopping.abort();
    this.renewing?.stop();
  }

  private keep(first: Held): void {
    if (this.stopping.signal.aborted) return;
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

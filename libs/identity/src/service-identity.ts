import type { AuthorityRecord, ChainedService, Dropped, SignedHead } from '@sluice/contracts';
import { BackOff } from '@sluice/domain';
import { type DroppedStatement, signDropped } from './check-dropped.js';
import { makeKeyPair } from './key-pair.js';
import { type IdentityTexts, OwnIdentity } from './own-identity.js';
import { obtain, RenewingIdentity } from './renewing-identity.js';
import { type ChainEnd, signHead } from './sign-head.js';
import { CertificateVerifier } from './verify-certificate.js';

/** How often the registry is asked, so that a service soon knows of other authorities. Without any, what it holds is kept. */
const ASK_EVERY_MS = 20_000;
const RENEW_EVERY_MS = 6 * 3600_000;
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 30_000;

interface Held {
  readonly own: OwnIdentity;
  /** Checks certificates of all authorities that the installation has had. */
  readonly verifier: CertificateVerifier;
  readonly obtainedMs: number;
}

/** What the registry answers: a certificate and the authorities, also those that were retired if it is of this release. */
type Answer = Pick<IdentityTexts, 'certificate' | 'ca'> & { readonly authorities?: AuthorityRecord[] | undefined };

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
    private readonly certify: (publicKey: string) => Promise<Answer>,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  /** What checks certificates that the installation has issued at any time; undefined until the authority has certified a key. */
  get authority(): CertificateVerifier | undefined {
    return this.renewing?.held.verifier;
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
      renew: (held) => this.make(held),
      everyMs: ASK_EVERY_MS,
      backOff: new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS),
      onFailed: this.onFailed,
    });
  }

  private async make(held?: Held): Promise<Held> {
    const pair = makeKeyPair();
    const { certificate, ca, authorities } = await this.certify(pair.publicPem);
    const now = performance.now();
    if (held && held.own.texts.ca === ca && now - held.obtainedMs < RENEW_EVERY_MS) return held;
    return {
      own: new OwnIdentity({ certificate, ca, privateKey: pair.privatePem }),
      verifier: new CertificateVerifier(authorities?.map(trusted) ?? ca),
      obtainedMs: now,
    };
  }
}

/** The bus proves that the registry names them, so their signatures for each other need no check. */
const trusted = ({ certificate, acceptedUntil }: AuthorityRecord) => ({
  certificate,
  acceptedUntil: acceptedUntil === null ? Number.POSITIVE_INFINITY : Date.parse(acceptedUntil),
});

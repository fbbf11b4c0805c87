import { fingerprintsOf } from '@sluice/identity';
import type { Log } from '@sluice/process';
import { createSluiceClient, type SluiceClient } from '@sluice/sdk';
import type { AgentConfig } from '../config.js';
import { EndedLogin } from './ended-login.js';
import { renewCertificate } from './log-in.js';
import { keepCertificate, readLogin, type StoredLogin } from './stored-login.js';
import { traceCalls } from './trace-calls.js';

/** A certificate is renewed this long before it expires, in milliseconds. */
const RENEW_BEFORE_MS = 25 * 60_000;

/** Agents that learn of other authorities renew their certificates within this time, in milliseconds, so that not all ask at once. */
const FOLLOW_WITHIN_MS = 30_000;

/** The login that the agent acts under. Another `sluice login` replaces it, and its certificate is renewed in time. */
export class CurrentLogin {
  private readonly ended = new EndedLogin(() => this.log.warn('the login has ended: run `sluice login`'));
  private readonly followers: ((login: StoredLogin) => void)[] = [];
  private renewing: Promise<void> | undefined;
  /** Fingerprints of the authorities that the API last named. */
  private authorities: readonly string[] | undefined;
  /** When the certificate is to be renewed because of them, by the monotonic clock; undefined if it came with the same. */
  private followAt: number | undefined;

  constructor(
    private readonly config: AgentConfig,
    private login: StoredLogin,
    private readonly log: Log,
  ) {}

  /** The login with its newest certificate. */
  get present(): StoredLogin {
    return this.login;
  }

  /** Whether the API has rejected this login. */
  get hasEnded(): boolean {
    return this.ended.is(this.login);
  }

  /** Whether the certificate has expired. */
  get hasExpired(): boolean {
    return Date.parse(this.login.certificateExpiresAt) <= Date.now();
  }

  /** Calls back at once with the present login, and again whenever it is replaced or its certificate renewed. */
  follow(use: (login: StoredLogin) => void): void {
    use(this.login);
    this.followers.push(use);
  }

  /** An API client that is signed in with this login. */
  client(): SluiceClient {
    return traceCalls(createSluiceClient({ server: this.login.server, token: this.login.token }));
  }

  /** Reads the stored login again, after somebody signed in. @returns false when nobody is signed in any more */
  reload(): boolean {
    const login = readLogin(this.config);
    if (login) this.use(login);
    return login !== undefined;
  }

  /**
   * Has the certificate renewed if the API names other authorities, or another one that signs, than those that it came with: at
   * once if it is the first time, because the agent may have been away for long, and otherwise within half a minute.
   */
  followAuthorities(accepted: readonly string[] | undefined): void {
    if (String(accepted) === String(this.authorities)) return;
    const delay = this.authorities === undefined ? 0 : Math.random() * FOLLOW_WITHIN_MS;
    this.authorities = accepted;
    this.followAt = this.isBehind ? performance.now() + delay : undefined;
  }

  /** Renews the certificate if it expires soon, or came with other authorities than those that are accepted now. */
  async tend(): Promise<void> {
    const follows = this.followAt !== undefined && performance.now() >= this.followAt;
    if (!follows && Date.parse(this.login.certificateExpiresAt) - Date.now() >= RENEW_BEFORE_MS) return;
    await this.renew();
    if (follows) this.followAt = this.isBehind ? performance.now() + FOLLOW_WITHIN_MS : undefined;
  }

  private get isBehind(): boolean {
    return this.authorities !== undefined && String(this.authorities) !== String(fingerprintsOf(this.login.ca));
  }

  /** Renews the certificate; if that fails, the present one stays. Simultaneous calls share one request. */
  renew(): Promise<void> {
    const renewed = this.login;
    this.renewing ??= renewCertificate(renewed)
      .then((login) => {
        if (this.login.token !== login.token) return; // somebody has signed in meanwhile
        this.use(login);
        keepCertificate(this.config, login);
      })
      .catch((error: unknown) => {
        if (!this.rejects(renewed, error)) this.log.warn({ err: error }, 'the certificate could not be renewed');
      })
      .finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  /** Whether an API error means that this login is no longer valid; if so, notes that the login has ended. */
  rejects(login: StoredLogin, error: unknown): boolean {
    return this.ended.confirms(login, error);
  }

  /** Notes that the API has accepted a login, which therefore has not ended. */
  accepted(login: StoredLogin): void {
    this.ended.revive(login);
  }

  private use(login: StoredLogin): void {
    for (const use of this.followers) use(login);
    this.login = login;
  }
}

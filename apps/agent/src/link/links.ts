import { DEFAULT_SETTINGS } from '@sluice/domain';
import { fingerprintsOf } from '@sluice/identity';
import type { Schemas } from '@sluice/sdk';
import { LinkKeepAlive } from '@sluice/tunnel';
import type { StoredLogin } from '../login/stored-login.js';
import type { CurrentLogin } from '../login/current-login.js';
import { DirectRelays } from './direct-relays.js';
import { LinkDialler, NoRelayError, type ReadyLink } from './link-dialler.js';
import { LinkPool } from './link-pool.js';
import { NearGateways } from './near-gateways.js';

type Feed = Schemas['AgentFeed'];

/** The agent's links: dialled under the present login, through the gateways and relays of the feed. */
export class Links {
  /** Ready links for connections to take. */
  readonly pool: LinkPool;
  private readonly gateways = new NearGateways();
  /** Once a relay can be reached directly, unused links through a gateway are replaced by direct ones. */
  private readonly direct = new DirectRelays((cluster) => this.pool.clear(cluster));
  private keepAliveSeconds: number = DEFAULT_SETTINGS.keepAliveSeconds;
  private dialler!: LinkDialler;
  /** Fingerprint of the authority that signed the certificate of the present login. */
  private signer: string | undefined;

  constructor(private readonly login: CurrentLogin) {
    login.follow((present) => this.use(present));
    this.pool = new LinkPool((cluster, avoid) => this.dial(cluster, avoid), new LinkKeepAlive(() => this.keepAliveSeconds));
  }

  /** Uses the gateways, relays and settings of a feed from now on. */
  follow(feed: Feed): void {
    this.keepAliveSeconds = feed.keepAliveSeconds ?? DEFAULT_SETTINGS.keepAliveSeconds;
    this.direct.follow(feed.relays);
    this.gateways.follow(feed.gateways.map(({ address }) => address));
  }

  /** Retries the relays that could not be reached directly. */
  tend(): void {
    this.direct.tend();
  }

  /** Dials with a login from now on. Once another authority signs, ready links are replaced too: relays stop accepting the former one when it is retired. */
  private use(login: StoredLogin): void {
    const [signer] = fingerprintsOf(login.ca);
    const isOther = this.signer !== undefined && this.signer !== signer;
    this.signer = signer;
    this.dialler = new LinkDialler(login);
    if (isOther) this.pool.clear();
  }

  /** Dials one link. If the certificate is rejected, it is renewed once and the dial repeated. @throws NoRelayError */
  private async dial(cluster: string, avoid: readonly string[]): Promise<ReadyLink> {
    if (this.login.hasExpired) await this.login.renew();
    if (this.login.hasEnded || this.login.hasExpired) throw new NoRelayError('your login has ended: run `sluice login`', true);
    const { dialler, gateways, direct, keepAliveSeconds } = this;
    const routes = { gateways, direct, keepAliveSeconds };
    return dialler.dial(routes, cluster, avoid).catch(async (error: unknown) => {
      if (!(error instanceof NoRelayError && error.certificateRefused)) throw error;
      if (this.dialler === dialler) await this.login.renew(); // the API knows whether this login still exists
      if (this.dialler === dialler) throw error;
      return this.dialler.dial(routes, cluster, avoid);
    });
  }
}

import type { Socket } from 'node:net';
import { RELAY_METRICS } from '@sluice/contracts';
import { LinkCount, type LinkOwner } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';
import { counterOf, gaugeOf, LimitedLog, type Log } from '@sluice/process';
import { addressOf, type Endpoint, Link, LinkKeepAlive, type ProxyHeader, TlsAcceptor } from '@sluice/tunnel';
import type { GatewayRun } from '../drain/gateway-run.js';
import type { NodeIdentity } from '../node/node-identity.js';
import type { VerifyKind } from '../node/verify-peer.js';
import type { LinkPeer } from '../session/live-session.js';
import type { Sessions } from '../session/sessions.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;

const held = gaugeOf(RELAY_METRICS.links);
const refused = counterOf(RELAY_METRICS.linksRefused);
const carried = counterOf(RELAY_METRICS.linkBytes);

/** The account that was authenticated before TLS, in the preamble, and the path of the connection: through a gateway, or directly. */
interface Introduced {
  readonly accountId: string;
  readonly client: Endpoint;
  readonly gateway: GatewayRun | null;
}

/**
 * Turns connections into links: performs the TLS handshake, checks that the certificate belongs to the account that was
 * authenticated in the preamble, and then serves the sessions of the link.
 */
export class Links {
  private readonly acceptor: TlsAcceptor;
  private readonly keeper: LinkKeepAlive;
  private readonly count: LinkCount;
  /** Limited, because any account can cause rejected links as often as it may connect. */
  private readonly notAccepted: LimitedLog;

  constructor(
    node: NodeIdentity,
    maxLinks: number,
    private readonly policy: PolicyReplica,
    private readonly verify: VerifyKind,
    private readonly sessions: Sessions,
    log: Log,
  ) {
    this.notAccepted = new LimitedLog(log);
    this.count = new LinkCount('relay', maxLinks);
    this.acceptor = new TlsAcceptor(node.own.texts);
    this.keeper = new LinkKeepAlive(() => policy.settings.keepAliveSeconds);
    node.afterRenewal(() => this.acceptor.renew(node.own.texts));
  }

  /** Whether another link of any account can be accepted. */
  get hasRoom(): boolean {
    return this.count.hasRoom;
  }

  /** Why no further link of this owner can be accepted; undefined when it can. */
  refusal(owner: LinkOwner): string | undefined {
    return this.count.refusal(owner, this.policy.settings);
  }

  stop(): void {
    this.keeper.stop();
  }

  /** Accepts a connection that a gateway has paired with an offer of this relay. */
  acceptPaired(raw: Socket, header: ProxyHeader, gateway: GatewayRun): Promise<void> {
    const { accountId, clientAddress, clientPort } = header;
    return this.accept(raw, { accountId, gateway, client: { address: clientAddress, port: clientPort } });
  }

  /** Accepts a connection to this relay's own listener. */
  acceptDirect(raw: Socket, accountId: string): Promise<void> {
    const client = { address: addressOf(raw), port: raw.remotePort ?? 0 };
    return this.accept(raw, { accountId, gateway: null, client });
  }

  private async accept(raw: Socket, introduced: Introduced): Promise<void> {
    if (raw.closed) return;
    this.hold(raw, introduced);
    try {
      const { socket, peer } = await this.acceptor.accept(
        raw,
        (certificate) => this.verify(certificate.raw, 'account'),
        AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS),
      );
      const { accountId, loginId } = peer.identity;
      const { expiresAt, issuedAt, authority } = peer;
      if (accountId !== introduced.accountId) {
        socket.destroy();
        throw new Error('the certificate names another account than the preamble');
      }
      const link = new Link(socket);
      this.keeper.add(link);
      const served: LinkPeer = { ...introduced, loginId, expiresAt, issuedAt, authority };
      this.sessions.serve(link, served);
    } catch (error) {
      refused.inc();
      this.notAccepted.warn({ why: (error as Error).message, client: introduced.client.address }, 'a link was not accepted');
    }
  }

  /** Counts a connection until it is closed, and then its ciphertext. Bytes before TLS do not belong to the link. */
  private hold(raw: Socket, { accountId, gateway, client: { address } }: Introduced): void {
    const way = gateway === null ? 'direct' : 'gateway';
    const before = { read: raw.bytesRead - raw.readableLength, written: raw.bytesWritten };
    const count = (by: 1 | -1) => {
      this.count.add({ accountId, address }, by);
      held.set(this.count.all);
    };
    count(1);
    raw.once('close', () => {
      count(-1);
      carried.inc({ direction: 'up', way }, raw.bytesRead - before.read);
      carried.inc({ direction: 'down', way }, raw.bytesWritten - before.written);
    });
  }
}

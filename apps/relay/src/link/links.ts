import type { Socket } from 'node:net';
import { LinkCount, type LinkOwner } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';
import { LimitedLog, type Log } from '@sluice/process';
import { addressOf, type Endpoint, Link, LinkKeepAlive, type ProxyHeader, TlsAcceptor } from '@sluice/tunnel';
import { Counter, Gauge } from 'prom-client';
import type { RelayConfig } from '../config.js';
import type { NodeIdentity } from '../node/node-identity.js';
import type { VerifyKind } from '../node/verify-peer.js';
import type { LinkPeer } from '../session/live-session.js';
import type { Sessions } from '../session/sessions.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;

const held = new Gauge({ name: 'sluice_relay_links', help: 'links held now, idle or not' });
const refused = new Counter({ name: 'sluice_relay_links_refused_total', help: 'links that were not accepted' });
const carried = new Counter({
  name: 'sluice_relay_link_bytes_total',
  help: 'ciphertext of links that are over',
  labelNames: ['direction', 'way'],
});

/** Who a connection said to be before TLS, and where it came from: through a gateway, or straight to this relay. */
interface Introduced {
  readonly accountId: string;
  readonly client: Endpoint;
  readonly gatewayId: string | null;
}

/**
 * Makes links of connections: TLS first, then the question whether the certificate is that of the account which was
 * introduced. From then on its sessions are served.
 */
export class Links {
  private readonly acceptor: TlsAcceptor;
  private readonly keeper: LinkKeepAlive;
  private readonly count: LinkCount;
  /** Any account can have a link rejected, as often as it may connect. */
  private readonly notAccepted: LimitedLog;

  constructor(
    node: NodeIdentity,
    config: RelayConfig,
    private readonly policy: PolicyReplica,
    private readonly verify: VerifyKind,
    private readonly sessions: Sessions,
    log: Log,
  ) {
    this.notAccepted = new LimitedLog(log);
    this.count = new LinkCount('relay', config.maxLinks);
    this.acceptor = new TlsAcceptor(node.own.texts);
    this.keeper = new LinkKeepAlive(() => policy.settings.keepAliveSeconds);
    node.afterRenewal(() => this.acceptor.renew(node.own.texts));
  }

  /** Whether one more of anybody's can be taken. */
  get hasRoom(): boolean {
    return this.count.hasRoom;
  }

  /** Why no link of this owner can be taken; undefined when it can. */
  refusal(owner: LinkOwner): string | undefined {
    return this.count.refusal(owner, this.policy.settings);
  }

  stop(): void {
    this.keeper.stop();
  }

  /** A connection that a gateway joined to an offer of ours. */
  acceptPaired(raw: Socket, header: ProxyHeader): Promise<void> {
    const { accountId, gatewayId, clientAddress, clientPort } = header;
    return this.accept(raw, { accountId, gatewayId, client: { address: clientAddress, port: clientPort } });
  }

  /** A connection that came to this relay's own listener. */
  acceptDirect(raw: Socket, accountId: string): Promise<void> {
    const client = { address: addressOf(raw), port: raw.remotePort ?? 0 };
    return this.accept(raw, { accountId, gatewayId: null, client });
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
      if (accountId !== introduced.accountId) {
        socket.destroy();
        throw new Error('another account was introduced than the certificate names');
      }
      const link = new Link(socket);
      this.keeper.add(link);
      const served: LinkPeer = { ...introduced, loginId, expiresAt: peer.expiresAt, issuedAt: peer.issuedAt };
      this.sessions.serve(link, served);
    } catch (error) {
      refused.inc();
      this.notAccepted.warn({ why: (error as Error).message, client: introduced.client.address }, 'a link was not accepted');
    }
  }

  /** Counts a connection until it is closed, and its ciphertext: what came before TLS is not of the link. */
  private hold(raw: Socket, { accountId, gatewayId, client: { address } }: Introduced): void {
    const way = gatewayId === null ? 'direct' : 'gateway';
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

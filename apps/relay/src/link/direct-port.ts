import type { Socket } from 'node:net';
import { DEFAULT_CLUSTER, RELAY_METRICS } from '@sluice/contracts';
import { ownerOfIdentity, type PeerIdentity } from '@sluice/identity';
import type { PolicyReplica } from '@sluice/messaging';
import { counterOf, LimitedLog, type Log } from '@sluice/process';
import { addressOf, answerError, answerOk, type Proven, TunnelListener, TunnelError } from '@sluice/tunnel';
import type { RelayConfig } from '../config.js';
import type { Drains } from '../drain/drains.js';
import type { NodeIdentity } from '../node/node-identity.js';
import type { VerifyKind } from '../node/verify-peer.js';
import type { Links } from './links.js';

type Account = Extract<PeerIdentity, { kind: 'account' }>;

const preambles = counterOf(RELAY_METRICS.preambles);

/**
 * The listener of a relay that has a listening address. Agents that can reach it perform the same preamble as at a gateway,
 * and then need no gateway.
 */
export class DirectPort {
  private readonly listener: TunnelListener<Account>;

  constructor(
    private readonly node: NodeIdentity,
    private readonly config: Pick<RelayConfig, 'tunnel' | 'advertised'>,
    policy: PolicyReplica,
    verify: VerifyKind,
    private readonly links: Links,
    private readonly drains: Drains,
    log: Log,
  ) {
    const rejected = new LimitedLog(log);
    this.listener = new TunnelListener<Account>({
      credentials: () => node.own,
      verify: (certificate) => verify(certificate, 'account'),
      ownerOf: ownerOfIdentity,
      preamblesPerSecond: () => policy.settings.preamblesPerAddress,
      onProven: (socket, proven) => this.handle(socket, proven),
      onRejected: (socket, code, error) => {
        preambles.inc({ result: code });
        rejected.info({ client: socket.remoteAddress, why: error.message }, 'a connection to the listening address was rejected');
      },
    });
  }

  /** Starts to listen if a listening address is configured. @throws Error when the address is in use */
  async listen(): Promise<void> {
    if (this.config.tunnel) await this.listener.listen(this.config.tunnel);
  }

  /** The address that agents dial; null when this relay only dials out. */
  get address(): string | null {
    if (!this.config.tunnel || !this.listener.listening) return null;
    const { host } = this.config.tunnel;
    return this.config.advertised ?? `${host.includes(':') ? `[${host}]` : host}:${this.listener.port}`;
  }

  stop(): void {
    this.listener.close();
    this.listener.destroyAll();
  }

  private async handle(socket: Socket, { hello, identity }: Proven<Account>): Promise<void> {
    const reject = (code: 'no-relay' | 'limit-reached', message: string) => {
      preambles.inc({ result: code });
      answerError(socket, code, message);
    };
    if (hello.kind !== 'carry')
      throw new TunnelError('bad-message', `a relay does not accept connections of the kind ${hello.kind}`);
    const { nodeId, cluster } = this.node.credentials;
    // while it drains, agents choose another relay
    if ((hello.cluster ?? DEFAULT_CLUSTER) !== cluster || hello.avoid?.includes(nodeId) === true || this.drains.here)
      return reject('no-relay', 'this relay does not accept the connection: it is draining, or another relay is wanted');
    const refusal = this.links.refusal({ accountId: identity.accountId, address: addressOf(socket) });
    if (refusal !== undefined) return reject('limit-reached', refusal);
    preambles.inc({ result: 'carry' });
    answerOk(socket);
    await this.links.acceptDirect(socket, identity.accountId);
  }
}

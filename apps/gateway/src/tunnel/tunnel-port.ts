import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { DEFAULT_CLUSTER, GATEWAY_METRICS } from '@sluice/contracts';
import { LinkCount, type LinkOwner } from '@sluice/domain';
import { ownerOfIdentity, type PeerIdentity } from '@sluice/identity';
import type { PolicyReplica } from '@sluice/messaging';
import { counterOf, gaugeOf, histogramOf, LimitedLog, type Log } from '@sluice/process';
import {
  addressOf,
  answerError,
  answerOk,
  readControl,
  type Hello,
  type Peer,
  type Proven,
  splice,
  TunnelListener,
  TunnelError,
} from '@sluice/tunnel';
import type { GatewayIdentity } from '../node/gateway-identity.js';
import { BusBridge } from './bus-bridge.js';
import { OfferPool } from './offer-pool.js';

/** The kind of identity that each kind of connection requires. */
const ALLOWED: Record<Hello['kind'], PeerIdentity['kind']> = { carry: 'account', offer: 'relay', control: 'relay', bus: 'relay' };

/** A relay sends its load every second. After this much silence it counts as lost, and its offers are closed. */
const SILENT_RELAY_MS = 15_000;

/**
 * How much later than the deadline of a drain the links that are left are cut, in milliseconds. At the deadline the relays end the
 * sessions in an orderly way; relays of an earlier release do not.
 */
const CUT_AFTER_MS = 5000;

const preambles = counterOf(GATEWAY_METRICS.preambles);
const splices = gaugeOf(GATEWAY_METRICS.links);
const carried = counterOf(GATEWAY_METRICS.linkBytes);
const pairings = counterOf(GATEWAY_METRICS.pairings);
const pairSeconds = histogramOf(GATEWAY_METRICS.pairSeconds);

/**
 * The tunnel port, where agents and relays meet. Each connection proves its identity in the preamble. A relay's connection
 * waits as an offer; an agent's is paired with an offer, and the two are spliced. The gateway passes on ciphertext only, and
 * never has a key to decrypt it.
 */
export class TunnelPort {
  private readonly pool = new OfferPool();
  private readonly links: LinkCount;
  /** The agents' ends of the links. */
  private readonly agents = new Set<Socket>();
  /** The connections by which relays are controlled and reach the bus, with the authority of the certificate that was shown. */
  private readonly relays = new Map<Socket, { readonly nodeId: string; readonly authority: string }>();
  private stopping = false;
  private readonly events = new EventEmitter<{ idle: [] }>();
  private readonly bridge: BusBridge;
  private readonly listener: TunnelListener<PeerIdentity>;

  constructor(
    limits: { readonly maxLinks: number; readonly natsServers: readonly string[] },
    private readonly identity: () => GatewayIdentity,
    private readonly policy: PolicyReplica,
    log: Log,
  ) {
    const rejected = new LimitedLog(log);
    this.links = new LinkCount('gateway', limits.maxLinks);
    this.bridge = new BusBridge(limits.natsServers);
    policy.onChange(() => this.dropRelays());
    this.listener = new TunnelListener<PeerIdentity>({
      credentials: () => identity().own,
      verify: (certificate) => this.verify(certificate),
      ownerOf: ownerOfIdentity,
      preamblesPerSecond: () => policy.settings.preamblesPerAddress,
      onProven: (socket, proven) => this.handle(socket, proven),
      onRejected: (socket, code, error) => {
        preambles.inc({ result: code });
        rejected.info({ client: socket.remoteAddress, why: error.message }, 'a connection to the tunnel port was rejected');
      },
    });
  }

  /** Starts listening. @throws Error when the port is in use */
  listen(at: { host: string; port: number }): Promise<void> {
    return this.listener.listen(at);
  }

  get port(): number {
    return this.listener.port;
  }

  get listening(): boolean {
    return this.listener.listening;
  }

  get relayCount(): number {
    return this.pool.relayCount;
  }

  /** How many of the relays are not being drained. */
  get servingCount(): number {
    return this.pool.servingCount;
  }

  /** How many offers wait here. */
  get offerCount(): number {
    return this.pool.offerCount;
  }

  get linkCount(): number {
    return this.links.all;
  }

  /** Whether agents are told to use another gateway: an administrator drains this one, or it stops. */
  get draining(): boolean {
    return this.stopping || this.policy.find('drain', this.identity().nodeId) !== undefined;
  }

  /** Cuts the links that are left some seconds after the deadline of a drain. */
  cutOverdue(): void {
    const deadline = this.policy.find('drain', this.identity().nodeId)?.deadline ?? null;
    if (deadline === null || Date.now() < Date.parse(deadline) + CUT_AFTER_MS) return;
    for (const agent of this.agents) agent.destroy();
  }

  /**
   * Stops accepting connections, and waits until all links have ended: at the deadline the relays end what still runs. Links that are left
   * some seconds later, or when it is hurried, are cut.
   */
  async drain(deadlineMs: number, hurried: AbortSignal): Promise<void> {
    this.stopping = true;
    this.listener.close();
    this.pool.leave(deadlineMs);
    const signal = AbortSignal.any([hurried, AbortSignal.timeout(deadlineMs + CUT_AFTER_MS)]);
    if (this.links.all > 0) await once(this.events, 'idle', { signal }).catch(() => undefined);
    this.listener.destroyAll();
  }

  /** Disconnects revoked relays, and those that were connected with a certificate of an authority that is not accepted any more. */
  private dropRelays(): void {
    for (const [socket, relay] of this.relays) if (this.isDropped(relay)) socket.destroy();
  }

  private isDropped({ nodeId, authority }: { readonly nodeId: string; readonly authority: string }): boolean {
    return this.policy.revoked('node', nodeId) || !this.policy.accepts(authority);
  }

  private async handle(socket: Socket, { identity, hello, authority }: Proven<PeerIdentity>): Promise<void> {
    if (identity.kind !== ALLOWED[hello.kind]) {
      const message = `a certificate of kind ${identity.kind} must not be used for a connection of kind ${hello.kind}`;
      answerError(socket, 'bad-certificate', message);
      throw new TunnelError('bad-certificate', message);
    }
    preambles.inc({ result: hello.kind });
    if (identity.kind === 'account') return this.pair(socket, hello, identity.accountId);
    if (identity.kind !== 'relay') return;
    const { nodeId } = identity;
    if (this.isDropped({ nodeId, authority })) {
      const message = 'the certificate was revoked while the connection was opened';
      answerError(socket, 'bad-certificate', message);
      throw new TunnelError('bad-certificate', message);
    }
    if (hello.kind !== 'offer') {
      this.relays.set(socket, { nodeId, authority });
      socket.once('close', () => this.relays.delete(socket));
    }
    if (hello.kind === 'bus') return this.bridge.carry(socket, nodeId);
    answerOk(socket);
    if (hello.kind === 'offer') return this.pool.addOffer(nodeId, socket);
    this.pool.addRelay(nodeId, identity.cluster, socket);
    readControl(
      socket,
      (message) => message.type === 'load' && this.pool.setLoad(nodeId, message.sessions, message.draining),
      SILENT_RELAY_MS,
    );
  }

  /** Pairs an agent's connection with a relay's offer and splices them, within the limits. */
  private async pair(agent: Socket, hello: Hello, accountId: string): Promise<void> {
    if (this.draining) {
      preambles.inc({ result: 'draining' });
      return answerError(agent, 'draining', 'this gateway is being drained');
    }
    const owner = { accountId, address: addressOf(agent) };
    const refusal = this.links.refusal(owner, this.policy.settings);
    if (refusal !== undefined) {
      preambles.inc({ result: 'limit-reached' });
      return answerError(agent, 'limit-reached', refusal);
    }
    this.count(owner, 1);
    this.agents.add(agent);
    try {
      const offer = await this.findOffer(agent, hello, accountId);
      if (!offer) return;
      answerOk(agent);
      const { bytesForth, bytesBack } = await splice(agent, offer);
      carried.inc({ direction: 'up' }, bytesForth);
      carried.inc({ direction: 'down' }, bytesBack);
    } finally {
      this.agents.delete(agent);
      this.count(owner, -1);
    }
  }

  private async findOffer(agent: Socket, hello: Hello, accountId: string): Promise<Socket | undefined> {
    const gone = new AbortController();
    agent.once('close', () => gone.abort());
    const header = {
      clientAddress: addressOf(agent),
      clientPort: agent.remotePort ?? 0,
      gatewayId: this.identity().nodeId,
      accountId,
    };
    const begunMs = performance.now();
    const found = await this.pool.take(hello.cluster ?? DEFAULT_CLUSTER, hello.avoid ?? [], header, gone.signal);
    pairings.inc({ result: agent.destroyed ? 'gone' : 'noRelay' in found ? 'no-relay' : 'paired' });
    if ('noRelay' in found) return void answerError(agent, 'no-relay', found.noRelay);
    if (agent.destroyed) return void found.offer.destroy();
    pairSeconds.observe((performance.now() - begunMs) / 1000);
    return found.offer;
  }

  private count(owner: LinkOwner, by: 1 | -1): void {
    this.links.add(owner, by);
    splices.set(this.links.all);
    if (this.links.all === 0) this.events.emit('idle');
  }

  private verify(der: Buffer): Peer<PeerIdentity> {
    const peer = this.identity().own.verify(der);
    const revocation = this.policy.revocationOf(peer.identity, peer);
    if (revocation !== undefined) throw new Error(revocation);
    return peer;
  }
}

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Identity, signedBy, verifyCertificate } from '@sluice/identity';
import type { Log } from '@sluice/process';
import {
  answerError,
  answerOk,
  answerPreamble,
  hearControl,
  type Hello,
  type Peer,
  PREAMBLE_TIMEOUT_MS,
  type Proven,
  splice,
  TunnelError,
} from '@sluice/tunnel';
import { Counter, Gauge } from 'prom-client';
import type { GatewayIdentity } from '../node/gateway-identity.js';
import type { Revocations } from '../node/revocations.js';
import { OfferPool } from './offer-pool.js';

const MOST_PREAMBLES = 1000;
const KEEP_ALIVE_MS = 15_000;
/** What each kind of identity may connect as. */
const ALLOWED: Record<Hello['kind'], Identity['kind']> = { carry: 'account', offer: 'relay', control: 'relay' };

const preambles = new Counter({
  name: 'sluice_gateway_preambles_total',
  help: 'connections to the tunnel port by how the preamble went',
  labelNames: ['result'],
});
const splices = new Gauge({ name: 'sluice_gateway_links', help: 'links carried now' });
const carried = new Counter({ name: 'sluice_gateway_link_bytes_total', help: 'ciphertext carried', labelNames: ['direction'] });

/**
 * The tunnel port, where agents and relays meet. A connection proves who it is; a relay's waits as an offer, an agent's is
 * paired with one, and the two are spliced. What passes is ciphertext: no key that could open it is ever here.
 */
export class TunnelPort {
  private readonly pool = new OfferPool();
  private readonly connections = new Set<Socket>();
  private readonly server: Server;
  private inPreamble = 0;
  private links = 0;
  private draining = false;

  private constructor(
    private readonly identity: () => GatewayIdentity,
    private readonly revocations: Revocations,
    private readonly log: Log,
  ) {
    this.server = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
      (socket) => this.accept(socket),
    );
    revocations.onChange(() => this.pool.dropRelays((id) => revocations.has(id)));
  }

  /** Listens. @throws Error when the port is taken. */
  static async listen(
    at: { host: string; port: number },
    identity: () => GatewayIdentity,
    revocations: Revocations,
    log: Log,
  ): Promise<TunnelPort> {
    const port = new TunnelPort(identity, revocations, log);
    await new Promise<void>((resolve, reject) => {
      port.server.once('error', reject);
      port.server.listen({ ...at, backlog: 4096 }, resolve);
    });
    return port;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get listening(): boolean {
    return this.server.listening;
  }

  get relayCount(): number {
    return this.pool.relayCount;
  }

  get linkCount(): number {
    return this.links;
  }

  /** Lets nobody in any more, waits for the links that are carried until the deadline, then ends the rest. */
  async drain(deadlineMs: number): Promise<void> {
    this.draining = true;
    this.server.close();
    this.pool.stop();
    const deadline = Date.now() + deadlineMs;
    while (this.links > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const socket of this.connections) socket.destroy();
  }

  private accept(socket: Socket): void {
    this.connections.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.connections.delete(socket));
    if (this.draining || this.inPreamble >= MOST_PREAMBLES) {
      preambles.inc({ result: 'overloaded' });
      return void socket.destroy();
    }
    this.inPreamble++;
    void this.meet(socket).catch((error: unknown) => {
      preambles.inc({ result: error instanceof TunnelError ? error.code : 'fault' });
      this.log.info(
        { client: socket.remoteAddress, why: (error as Error).message },
        'a connection to the tunnel port was not let in',
      );
      if (!socket.writableEnded) socket.destroy();
      else setTimeout(() => socket.destroy(), 1000).unref(); // let the answer out
    });
  }

  private async meet(socket: Socket): Promise<void> {
    let proven: Proven<Identity>;
    try {
      proven = await answerPreamble(
        socket,
        this.identity().credentials,
        (certificate) => this.verify(certificate),
        AbortSignal.timeout(PREAMBLE_TIMEOUT_MS),
      );
    } finally {
      this.inPreamble--;
    }
    const { identity, hello } = proven;
    if (identity.kind !== ALLOWED[hello.kind]) {
      answerError(socket, 'bad-certificate', `a certificate of the kind ${identity.kind} cannot ${hello.kind}`);
      throw new TunnelError('bad-certificate', `a certificate of the kind ${identity.kind} asked to ${hello.kind}`);
    }
    preambles.inc({ result: hello.kind });
    if (identity.kind === 'account') return this.pair(socket, hello, identity.accountId);
    if (identity.kind !== 'relay') return;
    answerOk(socket);
    if (hello.kind === 'offer') return this.pool.addOffer(identity.nodeId, socket);
    this.pool.addRelay(identity.nodeId, identity.cluster, socket);
    hearControl(
      socket,
      (message) => message.tell === 'load' && this.pool.setLoad(identity.nodeId, message.sessions, message.draining),
    );
  }

  /** Pairs an agent's connection with a relay's offer and splices them. */
  private async pair(agent: Socket, hello: Hello, accountId: string): Promise<void> {
    const gone = new AbortController();
    agent.once('close', () => gone.abort());
    const header = {
      clientAddress: agent.remoteAddress?.replace(/^::ffff:/, '') ?? '0.0.0.0',
      clientPort: agent.remotePort ?? 0,
      gatewayId: this.identity().nodeId,
      accountId,
    };
    const found = await this.pool.take(hello.cluster ?? 'default', hello.avoid ?? [], header, gone.signal);
    if ('noRelay' in found) return answerError(agent, 'no-relay', found.noRelay);
    if (agent.destroyed) return void found.offer.destroy();
    answerOk(agent);
    splices.set(++this.links);
    const { bytesForth, bytesBack } = await splice(agent, found.offer);
    carried.inc({ direction: 'up' }, bytesForth);
    carried.inc({ direction: 'down' }, bytesBack);
    splices.set(--this.links);
  }

  private verify(der: Buffer): Peer<Identity> {
    const { identity, certificate, expiresAt } = verifyCertificate(der, this.identity().authority, Date.now());
    const ids = identity.kind === 'account' ? [identity.accountId, identity.loginId] : [identity.nodeId];
    if (ids.some((id) => this.revocations.has(id))) throw new Error('this identity is revoked');
    return { identity, expiresAt, signed: (bytes, signature) => signedBy(certificate, bytes, signature) };
  }
}

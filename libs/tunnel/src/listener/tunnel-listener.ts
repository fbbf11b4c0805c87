import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { addressKey } from '@sluice/domain';
import { addressOf } from '../socket/address-of.js';
import { answerPreamble, type Proven } from '../preamble/answer-preamble.js';
import type { Credentials, VerifyPeer } from '../preamble/credentials.js';
import { PREAMBLE_TIMEOUT_MS } from '../preamble/messages.js';
import { TunnelError } from '../socket/tunnel-error.js';
import { RateCounter } from './rate-counter.js';
import { RecentlyProven } from './recently-proven.js';
import { type WaitingLimits, WaitingConnections } from './waiting-connections.js';

/** What a listener needs of its owner. */
export interface ListenerHost<I> {
  readonly credentials: () => Credentials;
  readonly verify: VerifyPeer<I>;
  /** The owner of an identity: the id of an account or of a node. What is remembered is limited for each owner. */
  readonly ownerOf: (identity: I) => string;
  /** How many connections may begin within a second from one address, or with one recently proven certificate; 0 means no limit. */
  readonly preamblesPerSecond: () => number;
  /** A peer has proved its identity and awaits the answer. A TunnelError thrown here ends the connection. */
  readonly onProven: (socket: Socket, proven: Proven<I>) => Promise<void> | void;
  /** A connection was rejected; called once for each. `code` is `overloaded`, that of a TunnelError, or `fault`. */
  readonly onRejected: (socket: Socket, code: TunnelError['code'] | 'fault', error: Error) => void;
}

/** Limits for connections that have not presented a certificate, per address. */
const SILENT: WaitingLimits = { max: 1000, maxOfOne: 250, maxInFlood: 5000 };
/** Limits for connections that have presented a certificate and not proved its key, per certificate. */
const INTRODUCED: WaitingLimits = { max: 1000, maxOfOne: 64, maxInFlood: 5000 };
const KEEP_ALIVE_MS = 15_000;
/** Size of a socket's queues in bytes, large enough that a read of 64 KiB is passed on without a pause. */
const QUEUE_LENGTH = 256 * 1024;

/**
 * A port where agents and relays must prove their identity before anything else: the gateway's tunnel port, or a relay's
 * listening address.
 *
 *   accepted ──► silent ──► introduced ──► proven ──► onProven        within five seconds
 *       │           │           └──► too many with this certificate, or no proof ──► closed and counted
 *       │           └──► too many, and this is the oldest; or no hello ──► closed and counted
 *       └──► too many per second ──► closed and counted
 *
 * Connections that send nothing cannot lock out others: when there are too many, the oldest are closed. Addresses where a
 * peer recently proved its identity have a pool of their own, so connections from unknown addresses do not displace them.
 * Unknown peers at such an address do not consume the rate limit of known ones either, because a connection with a recently
 * proven certificate is counted by that certificate. Since what is remembered is limited per owner, no owner can displace
 * the others.
 */
export class TunnelListener<I> {
  private readonly connections = new Set<Socket>();
  private readonly fromUnknown = new WaitingConnections(SILENT, (socket) => this.drop(socket));
  private readonly fromKnown = new WaitingConnections(SILENT, (socket) => this.drop(socket));
  private readonly introduced = new WaitingConnections(INTRODUCED, (socket) => this.drop(socket));
  private readonly knownAddresses = new RecentlyProven();
  private readonly knownCertificates = new RecentlyProven();
  private readonly begun = new RateCounter();
  /** Connections that were closed in favour of newer ones. */
  private readonly dropped = new WeakSet<Socket>();
  private readonly server: Server;
  private closed = false;

  constructor(private readonly host: ListenerHost<I>) {
    this.server = createServer(
      {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
        highWaterMark: QUEUE_LENGTH,
      },
      (socket) => this.accept(socket),
    );
  }

  /** Starts to listen. @throws Error when the address is in use */
  async listen(at: { host: string; port: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ ...at, backlog: 4096 }, resolve);
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get listening(): boolean {
    return this.server.listening;
  }

  /** Accepts no more connections; open ones remain. */
  close(): void {
    this.closed = true;
    if (this.server.listening) this.server.close();
  }

  /** Destroys every connection that was accepted here. */
  destroyAll(): void {
    for (const socket of this.connections) socket.destroy();
  }

  private accept(socket: Socket): void {
    this.connections.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.connections.delete(socket));
    const address = addressKey(addressOf(socket));
    const known = this.knownAddresses.has(address);
    const refusal = this.closed ? 'this listener is closed' : known ? undefined : this.refusalOf(address);
    if (refusal !== undefined) {
      this.host.onRejected(socket, 'overloaded', new Error(refusal));
      return void socket.destroy();
    }
    void this.authenticate(socket, address, known).catch((error: unknown) => {
      if (this.dropped.has(socket)) return; // it was counted when it was dropped
      this.host.onRejected(socket, error instanceof TunnelError ? error.code : 'fault', error as Error);
      if (!socket.writableEnded) socket.destroy(); // otherwise an answer that ends the connection is being sent
    });
  }

  private drop(socket: Socket): void {
    this.dropped.add(socket);
    this.host.onRejected(socket, 'overloaded', new Error('too many unauthenticated connections'));
    socket.destroy();
  }

  /** Why one more connection of an address or certificate exceeds the rate limit; undefined when it does not. */
  private refusalOf(who: string): string | undefined {
    const max = this.host.preamblesPerSecond();
    return this.begun.exceeds(who, max) ? `more than ${max} connections of ${who} within a second` : undefined;
  }

  private async authenticate(socket: Socket, address: string, known: boolean): Promise<void> {
    const silent = known ? this.fromKnown : this.fromUnknown;
    silent.enter(socket, address);
    let shown = '';
    let proven: Proven<I>;
    try {
      proven = await answerPreamble(socket, this.host.credentials(), this.host.verify, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS), {
        onHello: (certificate) => {
          shown = createHash('sha256').update(certificate).digest('base64');
          const refusal = known ? this.refusalOf(this.knownCertificates.has(shown) ? shown : address) : undefined;
          if (refusal !== undefined) throw new TunnelError('overloaded', refusal);
        },
        onIntroduced: () => {
          silent.leave(socket);
          this.introduced.enter(socket, shown);
        },
      });
    } finally {
      silent.leave(socket);
      this.introduced.leave(socket);
    }
    const owner = this.host.ownerOf(proven.identity);
    this.knownAddresses.add(address, owner);
    this.knownCertificates.add(shown, owner);
    await this.host.onProven(socket, proven);
  }
}

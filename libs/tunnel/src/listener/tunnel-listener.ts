import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { addressKey } from '@sluice/domain';
import { addressOf } from '../socket/address-of.js';
import { answerPreamble, type Proven } from '../preamble/answer-preamble.js';
import type { Credentials, VerifyPeer } from '../preamble/credentials.js';
import { PREAMBLE_TIMEOUT_MS } from '../preamble/messages.js';
import { TunnelError } from '../socket/tunnel-error.js';
import { BegunLately } from './begun-lately.js';
import { RecentlyProven } from './recently-proven.js';
import { type WaitingLimits, WaitingConnections } from './waiting-connections.js';

/** What a listener needs of its owner. */
export interface ListenerHost<I> {
  readonly credentials: () => Credentials;
  readonly verify: VerifyPeer<I>;
  /** Whose an identity is: an account's id, or a node's. What is remembered is bounded for each. */
  readonly ownerOf: (identity: I) => string;
  /** How many may begin within a second from one address, or with one certificate that was proven lately; 0: as many as come. */
  readonly preamblesPerSecond: () => number;
  /** Somebody proved who they are. The answer is still to be given. A TunnelError thrown here ends the connection. */
  readonly onProven: (socket: Socket, proven: Proven<I>) => Promise<void> | void;
  /** A connection was not let in; counted once each. `code` is `overloaded`, that of a TunnelError, or `fault`. */
  readonly onRejected: (socket: Socket, code: string, error: Error) => void;
}

/** Connections that have not shown a certificate, by address; and those that have, but not proven its key, by certificate. */
const SILENT: WaitingLimits = { most: 1000, mostOfOne: 250, mostInFlood: 5000 };
const INTRODUCED: WaitingLimits = { most: 1000, mostOfOne: 64, mostInFlood: 5000 };
const KEEP_ALIVE_MS = 15_000;
/** Room in a socket's queues: a read of 64 KiB is written on without a pause. */
const QUEUE_LENGTH = 256 * 1024;

/**
 * A port where agents and relays prove who they are before anything else: the gateway's tunnel port, and the listening
 * address of a relay that has one.
 *
 *   accepted ──► silent ──► introduced ──► proven ──► onProven        at most five seconds
 *       │           │           └──► one of too many with this certificate, or no proof ──► closed, counted
 *       │           └──► the oldest of too many, or no hello ──► closed, counted
 *       └──► too many a second ──► closed, counted
 *
 * Silent connections keep no other out: when there are too many, the oldest are closed. Where somebody proved themselves
 * not long ago, strangers elsewhere take no room, because that address has its part in a room of its own; and strangers at
 * the same address do not use up what may begin in a second, because whoever shows a certificate that was proven lately is
 * counted by it. Of one owner so many places and certificates are remembered, so nobody uses up the memory for others.
 */
export class TunnelListener<I> {
  private readonly connections = new Set<Socket>();
  private readonly strangers = new WaitingConnections(SILENT, (socket) => this.drop(socket));
  private readonly neighbours = new WaitingConnections(SILENT, (socket) => this.drop(socket));
  private readonly introduced = new WaitingConnections(INTRODUCED, (socket) => this.drop(socket));
  private readonly knownAddresses = new RecentlyProven();
  private readonly knownCertificates = new RecentlyProven();
  private readonly begun = new BegunLately();
  /** Those that made room for others. */
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

  /** Listens. @throws Error when the address is taken */
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

  /** Lets nobody in any more; who is in stays. */
  close(): void {
    this.closed = true;
    if (this.server.listening) this.server.close();
  }

  /** Ends every connection that came in here. */
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
    void this.meet(socket, address, known).catch((error: unknown) => {
      if (this.dropped.has(socket)) return; // counted when it was
      this.host.onRejected(socket, error instanceof TunnelError ? error.code : 'fault', error as Error);
      if (!socket.writableEnded) socket.destroy(); // else the answer is on its way, and ends it
    });
  }

  private drop(socket: Socket): void {
    this.dropped.add(socket);
    this.host.onRejected(socket, 'overloaded', new Error('too many connections have not proven who they are'));
    socket.destroy();
  }

  /** Why one more that begins is one too many; undefined when it is not. */
  private refusalOf(who: string): string | undefined {
    const most = this.host.preamblesPerSecond();
    return this.begun.exceeds(who, most) ? `${most} connections of ${who} began within a second` : undefined;
  }

  private async meet(socket: Socket, address: string, known: boolean): Promise<void> {
    const room = known ? this.neighbours : this.strangers;
    room.enter(socket, address);
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
          room.leave(socket);
          this.introduced.enter(socket, shown);
        },
      });
    } finally {
      room.leave(socket);
      this.introduced.leave(socket);
    }
    const owner = this.host.ownerOf(proven.identity);
    this.knownAddresses.add(address, owner);
    this.knownCertificates.add(shown, owner);
    await this.host.onProven(socket, proven);
  }
}

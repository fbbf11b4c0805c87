import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { parseIpv6, Tally } from '@sluice/domain';
import { addressOf } from '../address-of.js';
import { answerPreamble, type Proven } from '../preamble/answer-preamble.js';
import type { Credentials, VerifyPeer } from '../preamble/credentials.js';
import { PREAMBLE_TIMEOUT_MS } from '../preamble/messages.js';
import { TunnelError } from '../tunnel-error.js';

/** What a door needs of its house. */
export interface DoorHost<I> {
  readonly credentials: () => Credentials;
  readonly verify: VerifyPeer<I>;
  /** How many may begin within a second from one address; 0: as many as come. */
  readonly preamblesPerSecond: () => number;
  /** Somebody proved who they are. The answer is still to be given. A TunnelError thrown here ends the connection. */
  readonly onProven: (socket: Socket, proven: Proven<I>) => Promise<void> | void;
  /** A connection was not let in; counted once each. `code` is `overloaded`, that of a TunnelError, or `fault`. */
  readonly onTurnedAway: (socket: Socket, code: string, error: Error) => void;
}

/** How many connections may be proving who they are at once: in all, and from one address. */
const AT_ONCE = 1000;
const AT_ONCE_FROM_ONE = 250;
const SECOND_MS = 1000;
const KEEP_ALIVE_MS = 15_000;
/** Room in a socket's queues: a read of 64 KiB is written on without a pause. */
const QUEUE_LENGTH = 256 * 1024;

/**
 * A port where agents and relays prove who they are before anything else: the gateway's tunnel port, and the listening
 * address of a relay that has one.
 *
 *   accepted ──► preamble, at most five seconds ──► onProven
 *       │            └──► no proof, or the oldest of too many ──► closed, counted
 *       └──► too many a second from one address ──► closed, counted
 *
 * Connections that say nothing cannot keep others out: where too many have not proven who they are, the oldest of them is
 * closed, and the newest goes on. An agent needs a few round trips, so it is never the oldest for long.
 */
export class TunnelDoor<I> {
  private readonly connections = new Set<Socket>();
  /** Connections that have not proven who they are, oldest first, with the address that they count for. */
  private readonly unproven = new Map<Socket, string>();
  private readonly unprovenFrom = new Tally();
  /** Those that made room for others. */
  private readonly dropped = new WeakSet<Socket>();
  private readonly begun = new Tally();
  private secondBegan = 0;
  private readonly server: Server;
  private closed = false;

  constructor(private readonly host: DoorHost<I>) {
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
    const address = limitKey(addressOf(socket));
    const refusal = this.closed ? 'this listener is closed' : this.refusalOf(address);
    if (refusal !== undefined) {
      this.host.onTurnedAway(socket, 'overloaded', new Error(refusal));
      return void socket.destroy();
    }
    this.makeRoom(address);
    void this.meet(socket, address).catch((error: unknown) => {
      if (this.dropped.has(socket)) return; // counted when it was
      this.host.onTurnedAway(socket, error instanceof TunnelError ? error.code : 'fault', error as Error);
      if (!socket.writableEnded) socket.destroy(); // else the answer is on its way, and ends it
    });
  }

  /** Closes the oldest connection that has proven nothing where one more would be too many: of this address, or of all. */
  private makeRoom(address: string): void {
    const fromOne = this.unprovenFrom.of(address) >= AT_ONCE_FROM_ONE;
    if (!fromOne && this.unproven.size < AT_ONCE) return;
    for (const [socket, from] of this.unproven) {
      if (fromOne && from !== address) continue;
      this.forget(socket);
      this.dropped.add(socket);
      this.host.onTurnedAway(socket, 'overloaded', new Error('too many connections have not proven who they are'));
      return void socket.destroy();
    }
  }

  private forget(socket: Socket): void {
    const address = this.unproven.get(socket);
    if (address === undefined) return;
    this.unproven.delete(socket);
    this.unprovenFrom.add(address, -1);
  }

  /** Why a connection is one too many; undefined when it is not. */
  private refusalOf(address: string): string | undefined {
    if (performance.now() - this.secondBegan >= SECOND_MS) {
      this.begun.clear();
      this.secondBegan = performance.now();
    }
    const most = this.host.preamblesPerSecond();
    if (most > 0 && this.begun.of(address) >= most) return `${most} connections of ${address} began within a second`;
    return undefined;
  }

  private async meet(socket: Socket, address: string): Promise<void> {
    this.unproven.set(socket, address);
    this.unprovenFrom.add(address);
    this.begun.add(address);
    let proven: Proven<I>;
    try {
      proven = await answerPreamble(socket, this.host.credentials(), this.host.verify, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
    } finally {
      this.forget(socket);
    }
    await this.host.onProven(socket, proven);
  }
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 address, which is one subscriber's. */
const limitKey = (address: string): string => {
  const value = parseIpv6(address.split('%')[0] as string);
  return value === undefined ? address : `${(value >> 64n).toString(16)}::/64`;
};

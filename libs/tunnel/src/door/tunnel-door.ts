import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Tally } from '@sluice/domain';
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

/** How many strangers may stand at a door at once: in all, and from one address. */
const AT_ONCE = 1000;
const AT_ONCE_FROM_ONE = 250;
const SECOND_MS = 1000;
const KEEP_ALIVE_MS = 15_000;
const LAST_WORDS_MS = 1000;
/** Room in a socket's queues: a read of 64 KiB is written on without a pause. */
const QUEUE_LENGTH = 256 * 1024;

/**
 * A port where agents and relays prove who they are before anything else: the gateway's tunnel port, and the listening
 * address of a relay that has one.
 *
 *   accepted ──► preamble, at most five seconds ──► onProven
 *       └──► too many strangers, or no proof ──► closed, counted
 */
export class TunnelDoor<I> {
  private readonly connections = new Set<Socket>();
  private readonly strangers = new Tally();
  private readonly begun = new Tally();
  private secondBegan = 0;
  private readonly server: Server;
  private inPreamble = 0;
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
    const address = addressOf(socket);
    const crowd = this.closed ? 'this door is closed' : this.crowdOf(address);
    if (crowd !== undefined) {
      this.host.onTurnedAway(socket, 'overloaded', new Error(crowd));
      return void socket.destroy();
    }
    void this.meet(socket, address).catch((error: unknown) => {
      this.host.onTurnedAway(socket, error instanceof TunnelError ? error.code : 'fault', error as Error);
      if (!socket.writableEnded) socket.destroy();
      else setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref(); // let the answer out
    });
  }

  /** Why a connection is one too many; undefined when it is not. */
  private crowdOf(address: string): string | undefined {
    if (performance.now() - this.secondBegan >= SECOND_MS) {
      this.begun.clear();
      this.secondBegan = performance.now();
    }
    const most = this.host.preamblesPerSecond();
    if (this.inPreamble >= AT_ONCE) return `${AT_ONCE} connections are proving who they are`;
    if (this.strangers.of(address) >= AT_ONCE_FROM_ONE)
      return `${AT_ONCE_FROM_ONE} connections of ${address} are proving who they are`;
    if (most > 0 && this.begun.of(address) >= most) return `${most} connections of ${address} began within a second`;
    return undefined;
  }

  private async meet(socket: Socket, address: string): Promise<void> {
    this.inPreamble++;
    this.strangers.add(address);
    this.begun.add(address);
    let proven: Proven<I>;
    try {
      proven = await answerPreamble(socket, this.host.credentials(), this.host.verify, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
    } finally {
      this.inPreamble--;
      this.strangers.add(address, -1);
    }
    await this.host.onProven(socket, proven);
  }
}

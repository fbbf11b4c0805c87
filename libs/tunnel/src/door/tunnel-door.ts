import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { answerPreamble, type Proven } from '../preamble/answer-preamble.js';
import type { Credentials, VerifyPeer } from '../preamble/credentials.js';
import { PREAMBLE_TIMEOUT_MS } from '../preamble/messages.js';
import { TunnelError } from '../tunnel-error.js';

/** How many strangers may stand at a door at once: in all, and from one address. */
export interface DoorLimits {
  readonly preambles: number;
  readonly preamblesPerAddress: number;
}

/** What a door needs of its house. */
export interface DoorHost<I> {
  readonly credentials: () => Credentials;
  readonly verify: VerifyPeer<I>;
  readonly limits: DoorLimits;
  /** Somebody proved who they are. The answer is still to be given. A TunnelError thrown here ends the connection. */
  readonly onProven: (socket: Socket, proven: Proven<I>) => Promise<void> | void;
  /** A connection was not let in; counted once each. `code` is `overloaded`, that of a TunnelError, or `fault`. */
  readonly onTurnedAway: (socket: Socket, code: string, error: Error) => void;
}

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
  private readonly strangers = new Map<string, number>();
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
    const address = socket.remoteAddress ?? '';
    const { preambles, preamblesPerAddress } = this.host.limits;
    if (this.closed || this.inPreamble >= preambles || (this.strangers.get(address) ?? 0) >= preamblesPerAddress) {
      this.host.onTurnedAway(socket, 'overloaded', new Error('too many connections are proving who they are'));
      return void socket.destroy();
    }
    void this.meet(socket, address).catch((error: unknown) => {
      this.host.onTurnedAway(socket, error instanceof TunnelError ? error.code : 'fault', error as Error);
      if (!socket.writableEnded) socket.destroy();
      else setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref(); // let the answer out
    });
  }

  private async meet(socket: Socket, address: string): Promise<void> {
    this.inPreamble++;
    this.strangers.set(address, (this.strangers.get(address) ?? 0) + 1);
    let proven: Proven<I>;
    try {
      proven = await answerPreamble(socket, this.host.credentials(), this.host.verify, AbortSignal.timeout(PREAMBLE_TIMEOUT_MS));
    } finally {
      this.inPreamble--;
      const left = (this.strangers.get(address) ?? 1) - 1;
      if (left === 0) this.strangers.delete(address);
      else this.strangers.set(address, left);
    }
    await this.host.onProven(socket, proven);
  }
}

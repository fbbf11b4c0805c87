import type { Socket } from 'node:net';
import { Tally } from '@sluice/domain';

/**
 * How many connections may wait: in total (`max`), and of one key (`maxOfOne`). Beyond `maxInFlood` the oldest is dropped
 * immediately, even if what it sent was not read yet.
 */
export interface WaitingLimits {
  readonly max: number;
  readonly maxOfOne: number;
  readonly maxInFlood: number;
}

/** A younger connection is not dropped, because its first bytes may still be in transit. */
const GRACE_MS = 250;
const SWEEP_EVERY_MS = 20;

interface Seat {
  readonly key: string;
  readonly since: number;
  readonly sweep: number;
}

/**
 * Connections that have not completed a step of the preamble, each under a key, oldest first. When there are too many, in
 * total or of one key, the oldest are dropped, so that silent connections cannot lock out others. A connection is dropped
 * only after two sweeps: between them the event loop has read whatever had arrived, so a connection that has sent something
 * is not taken for a silent one, however many arrive at once.
 */
export class WaitingConnections {
  private readonly seats = new Map<Socket, Seat>();
  private readonly of = new Tally();
  private timer: NodeJS.Timeout | undefined;
  private sweeps = 0;

  constructor(
    private readonly size: WaitingLimits,
    private readonly drop: (socket: Socket) => void,
  ) {}

  /** Adds a connection, which waits until `leave` is called. */
  enter(socket: Socket, key: string): void {
    if (this.seats.size >= this.size.maxInFlood) {
      const [oldest] = this.seats.keys();
      if (oldest) this.dropOne(oldest);
    }
    this.seats.set(socket, { key, since: performance.now(), sweep: this.sweeps });
    this.of.add(key);
    if (this.seats.size > this.size.max || this.of.of(key) > this.size.maxOfOne) this.sweepSoon();
  }

  leave(socket: Socket): void {
    const seat = this.seats.get(socket);
    if (!seat) return;
    this.seats.delete(socket);
    this.of.add(seat.key, -1);
  }

  private dropOne(socket: Socket): void {
    this.leave(socket);
    this.drop(socket);
  }

  private sweepSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.sweep();
    }, SWEEP_EVERY_MS).unref();
  }

  private sweep(): void {
    this.sweeps++;
    const now = performance.now();
    let tooMany = false;
    for (const [socket, { key, since, sweep }] of this.seats) {
      const full = this.seats.size > this.size.max || this.of.of(key) > this.size.maxOfOne;
      tooMany ||= full;
      if (now - since < GRACE_MS || this.sweeps - sweep < 2) {
        if (tooMany) break; // the next sweep handles the younger ones
        continue;
      }
      if (full) this.dropOne(socket);
    }
    if (tooMany) this.sweepSoon();
  }
}

import type { Socket } from 'node:net';
import { Tally } from '@sluice/domain';

/** How many may wait: in all, and of one key; and how many in a flood, until the oldest is dropped unread. */
export interface WaitingLimits {
  readonly most: number;
  readonly mostOfOne: number;
  readonly mostInFlood: number;
}

/** What is younger is not dropped: its first bytes may be on their way. */
const GRACE_MS = 250;
const SWEEP_EVERY_MS = 20;

interface Seat {
  readonly key: string;
  readonly since: number;
  readonly sweep: number;
}

/**
 * Connections that wait to get further, oldest first, each under a key. Where there are too many, in all or of one key, the
 * oldest are dropped, so that silent ones keep nobody out. Two sweeps must have passed since a connection came: between them
 * the loop has read what was there, so nothing that has spoken is dropped for its silence, however many come at once.
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

  /** A connection waits from now on, until `leave`. */
  enter(socket: Socket, key: string): void {
    if (this.seats.size >= this.size.mostInFlood) {
      const [oldest] = this.seats.keys();
      if (oldest) this.dropOne(oldest);
    }
    this.seats.set(socket, { key, since: performance.now(), sweep: this.sweeps });
    this.of.add(key);
    if (this.seats.size > this.size.most || this.of.of(key) > this.size.mostOfOne) this.sweepSoon();
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
      const full = this.seats.size > this.size.most || this.of.of(key) > this.size.mostOfOne;
      tooMany ||= full;
      if (now - since < GRACE_MS || this.sweeps - sweep < 2) {
        if (tooMany) break; // it comes again for those
        continue;
      }
      if (full) this.dropOne(socket);
    }
    if (tooMany) this.sweepSoon();
  }
}

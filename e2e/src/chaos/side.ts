import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPattern, patternAt } from '../conformance/pattern.js';
import type { SidePlan } from './plan.js';

/** Longer than every planned pause and every timeout of the agent together: a connection that is still open then hangs. */
const HANGS_AFTER_MS = 90_000;

/** What one side of a connection has seen. */
export type SideSeen = Pick<
  Side,
  'sent' | 'received' | 'intact' | 'endedInOrder' | 'reset' | 'sawEnd' | 'error' | 'hung' | 'closedAt'
>;

/** One side of a connection: a plain socket that does what was planned and counts what it sees. */
export class Side {
  /** Payload bytes. */
  sent = 0;
  received = 0;
  /** Whether all that came is what the other side sends, in order. */
  intact = true;
  /** Everything was sent, and then this side ended its direction. */
  endedInOrder = false;
  /** This side has reset the connection, as planned. */
  reset = false;
  sawEnd = false;
  error: string | undefined;
  hung = false;
  closedAt: number | undefined;
  readonly closed: Promise<void>;
  private readonly endSeen: Promise<void>;

  /** @param offset how many of the first bytes received are no pattern */
  constructor(
    readonly socket: Socket,
    private readonly plan: SidePlan,
    private readonly expected: number,
    private readonly offset: number,
  ) {
    const timer = setTimeout(() => {
      this.hung = true;
      socket.destroy();
    }, HANGS_AFTER_MS);
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error ??= error.code ?? error.message));
    this.endSeen = new Promise((resolve) => {
      socket.once('end', () => {
        this.sawEnd = true;
        if (this.received < this.expected || (plan.ends === 'never' && plan.resetAt === undefined)) socket.end(); // cut short: a program that receives no more closes
        resolve();
      });
      socket.once('close', () => resolve());
    });
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        clearTimeout(timer);
        this.closedAt = Date.now();
        resolve();
      }),
    );
  }

  /** Takes bytes that were received. */
  take(chunk: Buffer): void {
    const { stall } = this.plan;
    const skipped = Math.max(0, Math.min(chunk.length, this.offset - this.received));
    this.intact &&= isPattern(chunk.subarray(skipped), Math.max(0, this.received - this.offset));
    const before = this.received;
    this.received += chunk.length;
    if (stall && before <= stall.at && this.received > stall.at) {
      this.socket.pause();
      setTimeout(() => this.socket.resume(), stall.ms);
    }
  }

  /** Does what was planned; `first` is sent before everything else. */
  async play(first: Buffer): Promise<void> {
    const { plan, socket } = this;
    const last = plan.resetAt ?? plan.bytes;
    if (first.length > 0) await this.write(first);
    for (let at = 0; at < last && this.goesOn;) {
      const piece = patternAt(at, Math.min(plan.piece, last - at));
      at += piece.length;
      await this.write(piece);
      if (plan.pauseMs > 0) await sleep(plan.pauseMs); // part of the plan: a slow writer
    }
    // also part of the plan: a connection that is idle before it ends
    if (plan.lingerMs > 0 && this.goesOn) await Promise.race([sleep(plan.lingerMs), this.closed]);
    if (plan.resetAt !== undefined && !socket.destroyed) {
      this.reset = true;
      socket.resetAndDestroy();
    }
    if (plan.ends === 'second') await this.endSeen;
    if (plan.ends !== 'never' && this.goesOn) {
      this.endedInOrder = true;
      socket.end();
    }
    await this.closed;
  }

  /** Whether this side may still send: it is neither closed nor has the other side ended too early. */
  private get goesOn(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  private async write(bytes: Buffer): Promise<void> {
    const { socket } = this;
    if (!this.goesOn) return;
    this.sent += bytes.length;
    if (socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        socket.off('drain', go).off('close', go);
        resolve();
      };
      socket.once('drain', go).once('close', go);
    });
  }
}

import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPattern, patternAt } from './pattern.js';

/** What one side of a connection saw of it. */
export interface Seen {
  readonly received: number;
  /** SHA-256 of what was received; `a prefix` where the connection was reset and what came is a prefix of what was sent. */
  readonly stream: string;
  /** Whether the other side's end was seen. */
  readonly ended: boolean;
  /** Code of the error that the connection broke with. */
  readonly error: string | undefined;
}

/** One side of a connection under test: it sends the known stream, and checks that it receives it. */
export class Party {
  private readonly hash = createHash('sha256');
  private received = 0;
  private sent = 0;
  private intact = true;
  private error: string | undefined;
  private ended = false;
  private readonly over: Promise<void>;
  private readonly endSeen: Promise<void>;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.intact &&= isPattern(chunk, this.received);
      this.received += chunk.length;
      this.hash.update(chunk);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code));
    this.endSeen = new Promise((resolve) => {
      socket.once('end', () => {
        this.ended = true;
        if (socket.writable) socket.write(''); // fails where what Node 20 calls an end was a reset
        resolve();
      });
      socket.once('close', resolve);
    });
    this.over = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Sends bytes of the stream; resolves when all are handed to the kernel, or the connection is gone. */
  async send(bytes: number): Promise<void> {
    for (let left = bytes; left > 0 && !this.socket.destroyed;) {
      const piece = patternAt(this.sent, Math.min(left, 65_536));
      this.sent += piece.length;
      left -= piece.length;
      if (!this.socket.write(piece)) await this.drained();
    }
  }

  /** Resolves once so many bytes were received, or the connection is gone. */
  async until(bytes: number): Promise<void> {
    while (this.received < bytes && !this.socket.destroyed && !this.ended)
      await new Promise<void>((resolve) => {
        const go = () => {
          this.socket.off('data', go).off('close', go).off('end', go);
          resolve();
        };
        this.socket.once('data', go).once('close', go).once('end', go);
      });
  }

  /** Resolves when the other side has ended. */
  untilEnd(): Promise<void> {
    return this.endSeen;
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Reads nothing for a while. */
  async stall(ms: number): Promise<void> {
    this.socket.pause();
    await sleep(ms);
    this.socket.resume();
  }

  /** What was seen, once the connection is over. */
  async seen(resets: boolean): Promise<Seen> {
    await this.over;
    const whole = this.intact ? (resets ? 'a prefix' : this.hash.digest('hex').slice(0, 16)) : 'other bytes than were sent';
    return {
      received: resets ? 0 : this.received,
      stream: whole,
      ended: this.ended && this.error === undefined,
      error: this.error,
    };
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.socket.off('drain', go).off('close', go);
        resolve();
      };
      this.socket.once('drain', go).once('close', go);
    });
  }
}

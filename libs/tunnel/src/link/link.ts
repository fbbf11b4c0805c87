import type { Socket } from 'node:net';
import { DATA_LIMIT, encodeFrame, encodeHead, type FrameType } from '../frames/frame.js';
import { FrameDecoder } from '../frames/frame-decoder.js';
import { freeAfterWrite } from '../socket/free-after-write.js';

/** The current user of a link: at most one at a time. */
export interface LinkUser {
  onData(piece: Buffer): void;
  onFrame(type: Exclude<FrameType, 'data' | 'ping'>, body: Buffer): void;
  /** The link is closed; `error` when it broke, or when the peer violated the protocol. Called once. */
  onGone(error: Error | undefined): void;
  /** The link accepts more data again. */
  onDrain?(): void;
}

const CLOSE_GRACE_MS = 1000;
const MAX_SILENT_INTERVALS = 3;
/** Bytes queued for the peer before `sendData` returns false. It exceeds one read, because each TLS write takes a turn of the event loop and several reads can share it. */
const QUEUE_LIMIT = 256 * 1024;

/** An authenticated connection between an agent and a relay (TLS, set up by the caller) that exchanges frames. It carries one session at a time. */
export class Link {
  private readonly decoder: FrameDecoder;
  private user: LinkUser | undefined;
  private failure: Error | undefined;
  private gone = false;
  private sentLately = false;
  private receivedLately = false;
  private paused = false;
  private silentIntervals = 0;
  private held = false;
  private leaving = false;
  /** Resolves when the link is closed: everything that was sent has left this process, or never will. */
  readonly left: Promise<void>;

  constructor(private readonly socket: Socket) {
    this.decoder = new FrameDecoder({
      onData: (piece) => this.deliver((user) => user.onData(piece)),
      onFrame: (type, body) => type !== 'ping' && this.deliver((user) => user.onFrame(type, body)),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.feed(chunk));
    socket.on('drain', () => this.user?.onDrain?.());
    socket.on('error', (error) => (this.failure ??= error));
    socket.on('end', () => socket.destroy()); // a link is never half-closed: `end` frames end its directions
    this.left = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('close', () => {
      this.gone = true;
      this.user?.onGone(this.failure);
    });
  }

  /** Sets or removes the user of the link, which receives its frames from now on. */
  use(user: LinkUser | undefined): void {
    this.user = user;
    if (user && this.gone) queueMicrotask(() => this.user === user && user.onGone(this.failure));
  }

  /** Whether it can be used: it is neither closed nor being closed. */
  get alive(): boolean {
    return !this.gone && !this.leaving && !this.socket.destroyed;
  }

  /** Sends a frame other than data. */
  send(type: Exclude<FrameType, 'data'>, body?: unknown): void {
    if (!this.alive) return;
    this.sentLately = true;
    this.socket.write(encodeFrame(type, body));
  }

  /**
   * Sends a frame in response to one of the peer's. A peer that keeps sending requests without reading the responses is
   * disconnected, because the responses would accumulate here.
   */
  answer(type: Exclude<FrameType, 'data'>, body?: unknown): void {
    this.send(type, body);
    if (this.socket.writableLength > QUEUE_LIMIT) this.destroy(new Error('the peer does not read responses'));
  }

  /**
   * Collects what is sent from now on and writes it together: at `release`, or at the end of the next turn of the event loop.
   * At the end of this turn would be too early for the `close` event of a socket, which comes after `setImmediate` callbacks.
   */
  hold(): void {
    if (this.held || !this.alive) return;
    this.held = true;
    this.socket.cork();
    setImmediate(() => setImmediate(this.release));
  }

  /** Writes what `hold` has collected. */
  readonly release = (): void => {
    if (!this.held) return;
    this.held = false;
    this.socket.uncork();
  };

  /** Sends payload, whose memory belongs to the link from then on. @returns false when the caller must not send more until `onDrain` */
  sendData(chunk: Buffer): boolean {
    if (!this.alive) return true;
    this.sentLately = true;
    this.socket.cork();
    for (let at = 0; at < chunk.length; at += DATA_LIMIT) {
      const piece = chunk.subarray(at, at + DATA_LIMIT);
      this.socket.write(encodeHead('data', piece.length));
      this.socket.write(piece, freeAfterWrite(piece));
    }
    this.socket.uncork();
    return this.socket.writableLength < QUEUE_LIMIT;
  }

  /** Stops reading, so that back-pressure reaches the peer. */
  pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  resume(): void {
    this.paused = false;
    this.socket.resume();
  }

  /** Called at every keep-alive interval: sends a ping if nothing was sent, and destroys a link from which nothing was received for too long. */
  keepAlive(): void {
    if (!this.sentLately) this.send('ping');
    this.sentLately = false;
    if (this.paused) return; // while nothing is read, silence does not mean that the peer is gone
    this.silentIntervals = this.receivedLately ? 0 : this.silentIntervals + 1;
    this.receivedLately = false;
    if (this.silentIntervals > MAX_SILENT_INTERVALS) this.destroy(new Error('nothing was received for too long'));
  }

  /** Sends the reason to the peer, and closes the link. */
  reset(why: { readonly reason: string; readonly message: string; readonly [more: string]: unknown }): void {
    this.send('reset', why);
    this.close();
  }

  /** Closes the link once everything has been sent: without the last frames the peer would take the session for interrupted. */
  close(): void {
    if (!this.alive) return;
    this.leaving = true;
    this.socket.end();
    const timer = setTimeout(() => this.socket.destroy(), CLOSE_GRACE_MS);
    this.socket.once('close', () => clearTimeout(timer));
    this.socket.resume();
  }

  /** Closes the link immediately; what was sent last may never arrive. */
  destroy(error?: Error): void {
    this.failure ??= error;
    this.socket.destroy();
  }

  private feed(chunk: Buffer): void {
    this.receivedLately = true;
    try {
      this.decoder.feed(chunk);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  private deliver(to: (user: LinkUser) => void): void {
    if (this.leaving || this.socket.destroyed) return;
    if (this.user) to(this.user);
    else this.destroy(new Error('a frame arrived on a link that has no user'));
  }
}

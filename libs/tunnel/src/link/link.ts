import type { Socket } from 'node:net';
import { DATA_LIMIT, encodeFrame, encodeHead, type FrameType } from '../frames/frame.js';
import { FrameDecoder } from '../frames/frame-decoder.js';

/** Whoever uses a link just now: at most one at a time. */
export interface LinkUser {
  onData(piece: Buffer): void;
  onFrame(type: Exclude<FrameType, 'data' | 'ping'>, body: Buffer): void;
  /** The link is gone; `error` when it broke or spoke nonsense. Called once. */
  onGone(error: Error | undefined): void;
  /** The link takes more data again. */
  onDrain?(): void;
}

const CLOSE_GRACE_MS = 1000;
const SILENT_TURNS = 3;
/** Bytes queued towards the other end before whoever sends is told to wait: each TLS write takes a turn of the loop, so several reads share one. */
const QUEUE_LIMIT = 256 * 1024;

/** An authenticated connection between an agent and a relay (TLS, by whoever makes a link of it), cut into frames. It carries one session at a time. */
export class Link {
  private readonly decoder: FrameDecoder;
  private user: LinkUser | undefined;
  private failure: Error | undefined;
  private gone = false;
  private spoke = false;
  private heard = false;
  private paused = false;
  private silentTurns = 0;
  private held = false;
  private leaving = false;
  /** Resolves when the link is gone, and everything that was sent has left or never will. */
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
    socket.on('end', () => socket.destroy()); // a link never half-closes: its directions end by frames
    this.left = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('close', () => {
      this.gone = true;
      this.user?.onGone(this.failure);
    });
  }

  /** Hands the link to a user, or to nobody. */
  use(user: LinkUser | undefined): void {
    this.user = user;
    if (user && this.gone) queueMicrotask(() => this.user === user && user.onGone(this.failure));
  }

  /** Whether it can still be used: it is neither gone nor about to go. */
  get alive(): boolean {
    return !this.gone && !this.leaving && !this.socket.destroyed;
  }

  /** Sends a frame that is not data. */
  send(type: Exclude<FrameType, 'data'>, body?: unknown): void {
    if (!this.alive) return;
    this.spoke = true;
    this.socket.write(encodeFrame(type, body));
  }

  /**
   * Sends a frame that the other end has asked for. One that asks on and reads no answers is given up: what it is answered
   * would pile up here.
   */
  answer(type: Exclude<FrameType, 'data'>, body?: unknown): void {
    this.send(type, body);
    if (this.socket.writableLength > QUEUE_LIMIT) this.destroy(new Error('the other end reads no answers'));
  }

  /** What is sent in this turn of the loop leaves together at its end. */
  hold(): void {
    if (this.held || !this.alive) return;
    this.held = true;
    this.socket.cork();
    setImmediate(() => {
      this.held = false;
      this.socket.uncork();
    });
  }

  /** Sends payload. False: no more until `onDrain`. */
  sendData(chunk: Buffer): boolean {
    if (!this.alive) return true;
    this.spoke = true;
    this.socket.cork();
    for (let at = 0; at < chunk.length; at += DATA_LIMIT) {
      const piece = chunk.subarray(at, at + DATA_LIMIT);
      this.socket.write(encodeHead('data', piece.length));
      this.socket.write(piece);
    }
    this.socket.uncork();
    return this.socket.writableLength < QUEUE_LIMIT;
  }

  /** Reads no more for now: back-pressure reaches the other end. */
  pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  resume(): void {
    this.paused = false;
    this.socket.resume();
  }

  /** Called at every keep-alive interval: says something if nothing was said, gives up a link that says nothing for too long. */
  keepAlive(): void {
    if (!this.spoke) this.send('ping');
    this.spoke = false;
    if (this.paused) return; // what we do not read, we cannot hear
    this.silentTurns = this.heard ? 0 : this.silentTurns + 1;
    this.heard = false;
    if (this.silentTurns > SILENT_TURNS) this.destroy(new Error('nothing was heard for too long'));
  }

  /** Says why, and ends the link. */
  reset(why: { readonly reason: string; readonly message: string; readonly [more: string]: unknown }): void {
    this.send('reset', why);
    this.close();
  }

  /** Ends the link once everything sent has left: the end of a session, which the other end must hear to know that it was one. */
  close(): void {
    if (!this.alive) return;
    this.leaving = true;
    this.socket.end();
    const timer = setTimeout(() => this.socket.destroy(), CLOSE_GRACE_MS);
    this.socket.once('close', () => clearTimeout(timer));
    this.socket.resume();
  }

  /** Ends the link at once. What was sent last may never leave. */
  destroy(error?: Error): void {
    this.failure ??= error;
    this.socket.destroy();
  }

  private feed(chunk: Buffer): void {
    this.heard = true;
    try {
      this.decoder.feed(chunk);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  private deliver(to: (user: LinkUser) => void): void {
    if (this.leaving || this.socket.destroyed) return;
    if (this.user) to(this.user);
    else this.destroy(new Error('a frame on a link that nobody uses'));
  }
}

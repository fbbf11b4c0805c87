import type { Socket } from 'node:net';
import { cleanText } from '@sluice/domain';
import { z } from 'zod';
import type { FrameType } from '../frames/frame.js';
import type { Link } from '../link/link.js';

/** How carrying ended, seen from the end that says it: `local` is the socket here, `remote` what is behind the link. */
export type CarryEnd =
  /** Both directions ended and everything was delivered: the link may serve again. `first` ended first. */
  | { readonly kind: 'ended'; readonly first: 'local' | 'remote' }
  /** The socket here was reset or broke. */
  | { readonly kind: 'local-reset'; readonly error: Error }
  /** The other end says that its side was reset, and why. */
  | { readonly kind: 'remote-reset'; readonly reason: string; readonly message: string }
  /** The link broke. */
  | { readonly kind: 'link-lost'; readonly error: Error | undefined }
  /** We ended it ourselves, with `Carry.abort`. */
  | { readonly kind: 'aborted'; readonly reason: string };

/** What the other end counted: payload bytes that it took from the link, and that it put there. */
const PeerCounts = z.object({ received: z.int().min(0), sent: z.int().min(0) });
/** What the other end counted. */
export type PeerCounts = z.infer<typeof PeerCounts>;
/** Text of the other end: whatever it chose, no control character of it gets further than here. */
const peerText = (max: number) => z.string().transform((text) => cleanText(text, max));
const Reset = PeerCounts.partial().extend({ reason: peerText(60), message: peerText(300) });

/** Payload bytes: handed to the socket here, of these taken by its kernel for certain, and read from it. */
export interface CarryCounts {
  readonly handed: number;
  readonly delivered: number;
  readonly read: number;
}

const EMPTY = Buffer.alloc(0);
/** Bytes queued towards the socket before the link is paused. */
const QUEUE_LIMIT = 256 * 1024;

/**
 * Carries a session's bytes between a plain socket and a link until both directions have ended.
 *
 *   socket ends     ──►  `end` frame                     `end` frame  ──►  socket.end()
 *   socket is reset ──►  `reset` frame, link destroyed   `reset`, or a lost link  ──►  socket is reset
 *
 * What was cut is never taken for what ended: only an `end` frame ends a direction.
 */
export class Carry {
  private over = false;
  private final: CarryCounts | undefined;
  private firstEnd: 'local' | 'remote' | undefined;
  private localEnded = false;
  private remoteEnded = false;
  private socketClosed = false;
  private settledHere = false;
  private settledThere = false;
  private readonly before: number;
  private sent = 0;
  private received = 0;
  private corked = false;
  private paused = false;

  /**
   * @param finish called once, when all is over; the link is alive only after `ended`. It is called within the frame that
   * ended the session, because the next frame may belong to the next session already.
   */
  constructor(
    private readonly link: Link,
    private readonly socket: Socket,
    private readonly finish: (end: CarryEnd) => void,
  ) {
    this.before = socket.bytesWritten; // a PROXY header is no payload
  }

  /** What the other end said that it counted, once it has. */
  peer: PeerCounts | undefined;

  /** Whether the other end counted otherwise. Means something only after `ended`. */
  get differs(): boolean {
    return this.peer !== undefined && (this.peer.received !== this.sent || this.peer.sent !== this.received);
  }

  /** Payload bytes so far, or as they stood when it ended. */
  get counts(): CarryCounts {
    if (this.final) return this.final;
    const taken = this.socket.bytesWritten - this.socket.writableLength - this.before;
    return { handed: this.received, delivered: Math.max(0, taken), read: this.sent };
  }

  /** Begins. The socket must be connected and not flowing. */
  start(): void {
    const { socket, link } = this;
    if (this.over) return;
    socket.on('data', (chunk: Buffer) => {
      this.sent += chunk.length;
      if (!link.sendData(chunk)) socket.pause();
    });
    socket.on('drain', () => this.resumeLink());
    socket.on('end', () => (this.remoteEnded ? this.onLocalEnd() : setImmediate(() => this.checkEnd())));
    socket.on('error', (error) => this.stop({ kind: 'local-reset', error }));
    socket.on('close', () => {
      this.socketClosed = true;
      if (socket.readableEnded && !socket.errored) this.onLocalEnd();
      this.settle();
      if (!this.over && !(this.localEnded && this.remoteEnded))
        this.stop({ kind: 'local-reset', error: new Error('the socket was closed') });
    });
    link.use({
      onData: (piece) => this.onData(piece),
      onFrame: (type, body) => this.onFrame(type, body),
      onGone: (error) => this.stop({ kind: 'link-lost', error }),
      onDrain: () => !this.over && socket.resume(),
    });
    if (socket.destroyed) this.stop({ kind: 'local-reset', error: socket.errored ?? new Error('the socket was closed') });
    else socket.resume();
  }

  /** Ends it from here: the other end hears why, the socket is reset. */
  abort(reason: string, message: string): void {
    this.stop({ kind: 'aborted', reason }, message);
  }

  private get ownCounts(): PeerCounts {
    return { received: this.received, sent: this.sent };
  }

  /**
   * An end of the socket here may be a reset: libuv before Node 24 says "end" for a reset that came together with the last
   * bytes. An empty write sends nothing, and fails on a connection that was reset. Where something is being written, that
   * has failed by now; where our own half has ended, nothing can tell.
   */
  private checkEnd(): void {
    const { socket } = this;
    if (this.over || this.localEnded || socket.destroyed) return;
    if (!socket.writable || socket.writableLength > 0) return this.onLocalEnd();
    socket.write(EMPTY, (error) => !error && this.onLocalEnd());
  }

  private onLocalEnd(): void {
    if (this.over || this.localEnded) return;
    this.localEnded = true;
    this.firstEnd ??= 'local';
    this.link.hold(); // `settled` often follows at once
    this.link.send('end');
    this.settle();
  }

  private onData(piece: Buffer): void {
    const { socket } = this;
    if (this.over) return;
    if (this.remoteEnded) return this.stop({ kind: 'link-lost', error: new Error('data after end') });
    this.received += piece.length;
    if (!this.corked) {
      this.corked = true;
      socket.cork(); // records of one turn of the loop go out in one system call
      setImmediate(() => {
        this.corked = false;
        socket.uncork();
      });
    }
    socket.write(piece);
    if (socket.writableLength > QUEUE_LIMIT && !this.paused) {
      this.paused = true;
      this.link.pause();
    }
  }

  private resumeLink(): void {
    if (!this.paused) return;
    this.paused = false;
    this.link.resume();
  }

  private onFrame(type: Exclude<FrameType, 'data' | 'ping'>, body: Buffer): void {
    if (this.over) return;
    switch (type) {
      case 'end':
        if (this.remoteEnded) return this.stop({ kind: 'link-lost', error: new Error('a second end') });
        this.remoteEnded = true;
        this.firstEnd ??= 'remote';
        this.socket.end();
        this.resumeLink(); // an ended socket says `drain` no more, and all that may still come are a few short frames
        return this.settle();
      case 'reset': {
        const reset = Reset.safeParse(parse(body)).data;
        this.peer = PeerCounts.safeParse(reset).data;
        return this.stop({ kind: 'remote-reset', reason: reset?.reason ?? 'unknown', message: reset?.message ?? '' });
      }
      case 'settled':
        this.settledThere = true;
        this.peer = PeerCounts.safeParse(parse(body)).data;
        if (!this.peer) return this.stop({ kind: 'link-lost', error: new Error('a settled frame that is none') });
        return this.settle();
      default:
        return this.stop({ kind: 'link-lost', error: new Error(`an unexpected ${type} frame`) });
    }
  }

  /** Says `settled` once all is delivered here, and is done once the other end has said it too. */
  private settle(): void {
    if (this.over) return;
    if (this.localEnded && this.remoteEnded && this.socketClosed && !this.settledHere) {
      this.settledHere = true;
      this.link.send('settled', this.ownCounts);
    }
    if (this.settledHere && this.settledThere) {
      this.final = this.counts;
      this.over = true;
      this.link.use(undefined);
      if (this.differs) this.link.close(); // no more sessions over it; the other end hears what was counted here
      this.finish({ kind: 'ended', first: this.firstEnd ?? 'local' });
    }
  }

  private stop(end: CarryEnd, message = ''): void {
    if (this.over) return;
    this.final = this.counts;
    this.over = true;
    this.link.use(undefined);
    if (end.kind === 'aborted') this.link.reset({ reason: end.reason, message, ...this.ownCounts });
    else if (end.kind === 'local-reset') this.link.reset({ reason: 'reset', message: end.error.message, ...this.ownCounts });
    else this.link.destroy();
    if (!this.socket.destroyed) this.socket.resetAndDestroy();
    this.finish(end);
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

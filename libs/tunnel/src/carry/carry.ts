import type { Socket } from 'node:net';
import type { FrameType } from '../frames/frame.js';
import type { Link } from '../link/link.js';
import { freeAfterWrite } from '../socket/free-after-write.js';
import { TurnCork } from '../socket/turn-cork.js';
import { type CarryCounts, type CarryEnd, type PeerCounts, readReset, readSettled } from './carry-end.js';
import { CarryState } from './carry-state.js';
import { CARRIED_SOCKET, ENDS_ARE_CERTAIN, readInTurns } from './certain-ends.js';

const EMPTY = Buffer.alloc(0);
/** Bytes queued towards the socket before the link is paused. */
const QUEUE_LIMIT = 256 * 1024;

/**
 * Carries a session's bytes between a plain socket and a link until both directions have ended. `CarryState` documents the
 * states.
 *
 *   socket ends     ──►  `end` frame                     `end` frame  ──►  socket.end()
 *   socket is reset ──►  `reset` frame, link destroyed   `reset`, or a lost link  ──►  socket is reset
 *
 * Only an `end` frame ends a direction, so an interrupted transfer is never mistaken for a complete one.
 */
export class Carry {
  private readonly state = new CarryState();
  private readonly cork: TurnCork;
  private final: CarryCounts | undefined;
  private firstEnd: 'local' | 'remote' | undefined;
  private readonly before: number;
  private sent = 0;
  private received = 0;

  /**
   * @param socket opened with the options `CARRIED_SOCKET`
   * @param finish called once, at the end; the link remains usable only after `ended`. It is called synchronously while the
   * frame that ended the session is handled, because the next frame may already belong to the next session.
   * @throws Error for a socket that was not opened with these options, whose end could not be distinguished from a reset
   */
  constructor(
    private readonly link: Link,
    private readonly socket: Socket,
    private readonly finish: (end: CarryEnd) => void,
  ) {
    if (!ENDS_ARE_CERTAIN && socket.readableHighWaterMark !== CARRIED_SOCKET.highWaterMark)
      throw new Error('a socket that is carried is opened with the options CARRIED_SOCKET');
    this.cork = new TurnCork(socket);
    this.before = socket.bytesWritten; // a PROXY header is not payload
  }

  /** The counts that the peer reported; undefined until it has. */
  peer: PeerCounts | undefined;

  /** Whether the peer's counts differ from ours. Meaningful only after `ended`. */
  get differs(): boolean {
    return this.peer !== undefined && (this.peer.received !== this.sent || this.peer.sent !== this.received);
  }

  /** Payload bytes so far; final once the carry has ended. */
  get counts(): CarryCounts {
    if (this.final) return this.final;
    const taken = this.socket.bytesWritten - this.socket.writableLength - this.before;
    return { handed: this.received, delivered: Math.max(0, taken), read: this.sent };
  }

  /** Starts carrying. The socket must be connected and not flowing. */
  start(): void {
    const { socket, link, state } = this;
    if (state.over) return;
    socket.on('data', this.onChunk);
    socket.on('drain', () => this.resumeLink());
    socket.on('end', () => this.onSocketEnd());
    socket.on('error', (error) => this.stop({ kind: 'local-reset', error }));
    socket.on('close', () => this.onSocketClose());
    link.use({
      onData: (piece) => this.onData(piece),
      onFrame: (type, body) => this.onFrame(type, body),
      onGone: (error) => this.stop({ kind: 'link-lost', error }),
      onDrain: () => !state.over && this.readOn(),
    });
    if (socket.destroyed) this.stop({ kind: 'local-reset', error: socket.errored ?? new Error('the socket was closed') });
    else socket.resume();
  }

  /** Ends the session from this side: sends the reason to the peer and resets the socket. */
  abort(reason: string, message: string): void {
    this.stop({ kind: 'aborted', reason }, message);
  }

  private get ownCounts(): PeerCounts {
    return { received: this.received, sent: this.sent };
  }

  // ── outward: from the socket to the link ──

  private readonly onChunk = (chunk: Buffer): void => {
    this.sent += chunk.length;
    if (!this.link.sendData(chunk)) this.socket.pause();
  };

  /** Continues to read when the link accepts more data. `endInTurns` replaces it together with the way of reading. */
  private readOn: () => void = () => this.socket.resume();

  private onSocketEnd(): void {
    const { state, socket } = this;
    if (state.over || state.outward !== 'reading') return;
    if (ENDS_ARE_CERTAIN || socket.writableEnded) return this.endOutward();
    state.moveOutward('checking');
    setImmediate(() => this.check());
  }

  /**
   * Finds out whether the end of the socket was a reset, on versions of libuv that do not report it. An empty write sends
   * nothing and fails on a connection that was reset. If written data is still queued, that write would have failed already,
   * so no check is needed.
   */
  private check(): void {
    const { state, socket } = this;
    if (state.over || state.outward !== 'checking' || socket.destroyed) return;
    this.cork.release();
    if (socket.writableLength > 0) return this.endOutward();
    socket.write(EMPTY, (error) => !error && this.endOutward());
  }

  private endOutward(): void {
    const { state, link } = this;
    if (state.over || state.outward === 'ended') return; // the socket may have closed before the check was complete
    state.moveOutward('ended');
    this.firstEnd ??= 'local';
    if (state.inwardEnded) link.hold(); // `settled` follows as soon as the socket is closed
    link.send('end');
    if (state.inward === 'ended') this.endSocket();
  }

  private onSocketClose(): void {
    const { state, socket, link } = this;
    if (state.over) return;
    if (socket.readableEnded && !socket.errored) this.endOutward();
    if (state.outward !== 'ended' || state.inward !== 'ended')
      return this.stop({ kind: 'local-reset', error: new Error('the socket was closed') });
    state.moveInward('delivered');
    link.send('settled', this.ownCounts);
    link.release();
    if (state.whole === 'settled there') return this.settled();
    state.moveWhole('settled here');
  }

  // ── inward: from the link to the socket ──

  private onData(piece: Buffer): void {
    const { socket, state } = this;
    if (state.over) return;
    if (state.inwardEnded) return this.stop({ kind: 'link-lost', error: new Error('data after end') });
    this.received += piece.length;
    this.cork.hold(); // what arrives within one turn of the event loop is written with one system call
    socket.write(piece, freeAfterWrite(piece));
    if (state.inward === 'flowing' && socket.writableLength > QUEUE_LIMIT) {
      state.moveInward('held');
      this.link.pause();
    }
  }

  private resumeLink(): void {
    if (this.state.over || this.state.inward !== 'held') return;
    this.state.moveInward('flowing');
    this.link.resume();
  }

  private onFrame(type: Exclude<FrameType, 'data' | 'ping'>, body: Buffer): void {
    if (this.state.over) return;
    try {
      this.takeFrame(type, body);
    } catch (error) {
      this.stop({ kind: 'link-lost', error: error as Error }); // an illegal transition: the peer violated the protocol
    }
  }

  private takeFrame(type: Exclude<FrameType, 'data' | 'ping'>, body: Buffer): void {
    switch (type) {
      case 'end':
        return this.endInward();
      case 'reset': {
        const { counts, ...why } = readReset(body);
        this.peer = counts;
        return this.stop({ kind: 'remote-reset', ...why });
      }
      case 'settled': {
        this.peer = readSettled(body);
        if (!this.peer) throw new Error('a malformed settled frame');
        if (this.state.whole === 'settled here') return this.settled();
        return this.state.moveWhole('settled there');
      }
      default:
        throw new Error(`an unexpected ${type} frame`);
    }
  }

  private endInward(): void {
    const { state, link } = this;
    const wasHeld = state.inward === 'held';
    state.moveInward('ended');
    this.firstEnd ??= 'remote';
    if (ENDS_ARE_CERTAIN) this.socket.end();
    else this.endInTurns();
    if (wasHeld) link.resume(); // an ended socket emits no `drain`, and only a few short frames can follow
  }

  /**
   * Ends our half, on versions of libuv that do not distinguish an end from a reset: first changes the way of reading, and
   * ends our half in the next turn of the event loop, when no read that was started before is pending.
   */
  private endInTurns(): void {
    const { socket, link } = this;
    socket.off('data', this.onChunk);
    this.readOn = readInTurns(socket, (chunk) => {
      this.sent += chunk.length;
      return link.sendData(chunk);
    });
    setImmediate(() => this.endSocket());
  }

  /** Ends our half, unless the socket's end is still being checked: the check writes, so it needs our half open. */
  private endSocket(): void {
    const { state, socket } = this;
    if (!state.over && state.outward !== 'checking' && !socket.writableEnded) socket.end();
  }

  // ── both directions ──

  /** Both peers have sent `settled`, so nothing of this session is in transit any more. */
  private settled(): void {
    this.state.moveWhole('settled');
    this.final = this.counts;
    this.link.use(undefined);
    if (this.differs) this.link.close(); // a link whose ends disagree carries no further session
    this.finish({ kind: 'ended', first: this.firstEnd ?? 'local' });
  }

  private stop(end: CarryEnd, message = ''): void {
    if (this.state.over) return;
    this.state.moveWhole('cut');
    this.final = this.counts;
    this.link.use(undefined);
    if (end.kind === 'aborted') this.link.reset({ reason: end.reason, message, ...this.ownCounts });
    else if (end.kind === 'local-reset') this.link.reset({ reason: 'reset', message: end.error.message, ...this.ownCounts });
    else this.link.destroy();
    if (!this.socket.destroyed) this.socket.resetAndDestroy();
    this.finish(end);
  }
}

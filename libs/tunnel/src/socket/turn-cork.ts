import type { Socket } from 'node:net';

/** Corks a socket until the end of the current turn of the event loop, so that all writes of the turn take one system call. */
export class TurnCork {
  private held = false;
  /** Flushes what was written so far. */
  readonly release = (): void => {
    this.held = false;
    this.socket.uncork();
  };

  constructor(private readonly socket: Socket) {}

  /** Holds back writes until the end of this turn. */
  hold(): void {
    if (this.held) return;
    this.held = true;
    this.socket.cork();
    setImmediate(this.release);
  }
}

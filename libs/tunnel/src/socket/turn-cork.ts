import type { Socket } from 'node:net';

/** What is written to a socket in one turn of the loop leaves together at its end. */
export class TurnCork {
  private held = false;
  /** Lets go what was written so far. */
  readonly release = (): void => {
    this.held = false;
    this.socket.uncork();
  };

  constructor(private readonly socket: Socket) {}

  /** From now until the end of this turn. */
  hold(): void {
    if (this.held) return;
    this.held = true;
    this.socket.cork();
    setImmediate(this.release);
  }
}

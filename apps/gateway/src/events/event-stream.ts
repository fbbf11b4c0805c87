import type { ServerResponse } from 'node:http';
import type { Actor, Changes, Resync } from '@sluice/contracts';
import type { Watcher } from './change-fold.js';

/** How long a browser waits before it opens a stream again, in milliseconds. */
const RETRY_MS = 2000;
/** A browser that has read nothing for this long is gone, in milliseconds. */
const STALLED_MS = 60_000;

/** Who opened a stream, and with what. */
export interface StreamOrigin {
  readonly actor: Actor;
  readonly token: string;
  readonly requestId: string;
  readonly clientAddress: string | undefined;
}

/**
 * The stream of one browser. What it has not read yet is one message and what the kernel holds: while that does not get through
 * nothing more is written, and once it does, the browser is asked to read everything again.
 *
 *   flowing ──► stalled ──► drained: resync ──► flowing
 *                  └──► a minute ──► cut off
 */
export class EventStream {
  readonly watcher: Watcher;
  /** When it was opened, and when its login was last checked, on the monotonic clock. */
  readonly openedAt = performance.now();
  checkedAt = this.openedAt;
  private stalledAt: number | undefined;
  private missed = false;

  /** @param lastId the id of the newest message there is */
  constructor(
    readonly origin: StreamOrigin,
    private readonly response: ServerResponse,
    private readonly lastId: () => string,
  ) {
    this.watcher = { accountId: origin.actor.accountId, seesAll: origin.actor.apiRole !== 'user' };
    response.on('drain', () => this.onDrain());
  }

  /** Begins: from here on the browser can continue after `lastId`. */
  begin(): void {
    this.write(`retry: ${RETRY_MS}\nid: ${this.lastId()}\n\n`);
  }

  /** Sends changes, as the newest message. */
  sendChanges(changes: Changes): void {
    this.writeText(textOfChanges(this.lastId(), changes));
  }

  /** Sends a message that was made for several streams. */
  writeText(text: string): void {
    if (this.stalledAt === undefined) this.write(text);
    else this.missed = true;
  }

  /** Asks the browser to read everything again. */
  sendResync(why: string): void {
    if (this.stalledAt !== undefined) {
      this.missed = true;
      return;
    }
    const data: Resync = { at: new Date().toISOString(), why };
    this.write(`id: ${this.lastId()}\nevent: resync\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Shows that the connection is there. */
  beat(): void {
    if (this.stalledAt === undefined) this.write('event: heartbeat\ndata: {}\n\n');
  }

  /** Whether the browser has not read what was written. */
  get isStalled(): boolean {
    return this.stalledAt !== undefined;
  }

  /** Bytes that are held for it here, besides the kernel's. */
  get held(): number {
    return this.response.writableLength;
  }

  /** Whether the browser has read nothing for too long. */
  get isStuck(): boolean {
    return this.stalledAt !== undefined && performance.now() - this.stalledAt > STALLED_MS;
  }

  /** Ends the stream; one that does not read is cut off. */
  end(): void {
    if (this.stalledAt === undefined) this.response.end();
    else this.response.destroy();
  }

  private write(text: string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (!this.response.write(text)) this.stalledAt = performance.now();
  }

  private onDrain(): void {
    this.stalledAt = undefined;
    if (!this.missed) return;
    this.missed = false;
    this.sendResync('this browser did not read for a while');
  }
}

/** A message of changes on the wire. */
export const textOfChanges = (id: string, changes: Changes): string =>
  `id: ${id}\nevent: changes\ndata: ${JSON.stringify(changes)}\n\n`;

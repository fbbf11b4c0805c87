import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { EXPORT_METRICS } from '@sluice/contracts';
import { counterOf } from '@sluice/process';
import type { Destination, RefusedEvent } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import { framed, syslogMessage, type SyslogOptions } from './syslog-message.js';

/**
 * How long after a batch the connection is watched before the batch counts as taken, in milliseconds. Syslog has no
 * acknowledgement; but a receiver that has ended resets the connection when something arrives that it has not read.
 */
const WATCH_MS = 100;
/** How long closing waits for the receiver to have read everything. */
const END_WITHIN_MS = 2000;
const KEEP_ALIVE_MS = 15_000;

const shortened = counterOf(EXPORT_METRICS.shortened);

/** How a syslog receiver is reached. */
interface ReceiverOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Authorities (PEM) that may have signed its certificate; by default those that Node trusts. */
  readonly ca: string | undefined;
  /** A certificate of our own and its key (PEM), if it asks for one. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
  /** Time limit of connecting, and of sending a batch, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * A syslog receiver, by TCP or TLS. A batch counts as taken when the operating system has taken all of it and the connection was
 * still good a moment later: the protocol has no other sign of success.
 */
export class Syslog implements Destination {
  private socket: Socket | undefined;

  constructor(
    private readonly receiver: ReceiverOptions,
    private readonly options: SyslogOptions,
  ) {}

  get name(): string {
    const { tls, host, port } = this.receiver;
    return `the syslog receiver at ${tls ? 'tls' : 'tcp'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  async send(events: readonly AuditEvent[], signal: AbortSignal): Promise<readonly RefusedEvent[]> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.receiver.timeoutMs)]);
    const socket = await this.connected(limit);
    const messages = events.map((event) => syslogMessage(event, this.options));
    try {
      await written(socket, Buffer.concat(messages.map(({ bytes }) => framed(bytes))), limit);
      await unharmed(socket, signal);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    shortened.inc(messages.filter((message) => message.shortened).length);
    return [];
  }

  async close(): Promise<void> {
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return;
    const closed = once(socket, 'close');
    socket.end();
    await Promise.race([closed, sleep(END_WITHIN_MS, undefined, { ref: false })]).catch(() => undefined);
    socket.destroy();
  }

  /** The connection, which is made anew if it was lost or the receiver has ended it. */
  private async connected(signal: AbortSignal): Promise<Socket> {
    if (this.socket?.writable && !this.socket.readableEnded) return this.socket;
    this.socket?.destroy();
    const { host, port, tls, ca, certificate } = this.receiver;
    const socket = tls ? connectTls({ host, port, ca, ...certificate, ...nameOf(host) }) : connectPlain({ host, port });
    socket.on('error', () => undefined); // `written` and `unharmed` report it
    try {
      await once(socket, tls ? 'secureConnect' : 'connect', { signal });
    } catch (error) {
      socket.destroy();
      throw signal.aborted ? new Error(`${this.name} did not accept a connection in time`, { cause: error }) : error;
    }
    socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true);
    socket.on('end', () => socket.destroy()).resume(); // nothing that it says means anything
    this.socket = socket;
    return socket;
  }
}

/** The server name of TLS, which must be a name. */
const nameOf = (host: string): { servername?: string } => (/^[\d.]+$|:/.test(host) ? {} : { servername: host });

/** Writes bytes until the operating system has taken all of them. */
const written = (socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> =>
  whileOpen(socket, signal, 'while events were being sent', (taken) => socket.write(bytes, taken));

/** Watches a connection for a moment. @throws Error if it ends */
const unharmed = (socket: Socket, signal: AbortSignal): Promise<void> =>
  whileOpen(socket, signal, 'after events had been sent', (over) => setTimeout(over, WATCH_MS));

/** Waits until something calls back. @throws Error if the connection ends before that, or the signal aborts */
function whileOpen(
  socket: Socket,
  signal: AbortSignal,
  when: string,
  begin: (end: (error?: Error | null) => void) => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error | null): void => {
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve();
    };
    const onClose = () => end(new Error(`the connection was lost ${when}${socket.errored ? `: ${socket.errored.message}` : ''}`));
    const onAbort = () => end(new Error(`the time was up ${when}`));
    socket.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    begin(end);
  });
}

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from '@sluice/domain';
import {
  type ConnectionKind,
  type ControlMessage,
  readControl,
  OFFER_ANSWER,
  type ProxyHeader,
  readProxyHeader,
  sendControl,
} from '@sluice/tunnel';
import { dialGateway, type GatewayDialler } from '../dial/dial-gateway.js';

const FEWEST = 4;
const MOST = 128;
/** Between two tries to reach a gateway. */
const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 5000;
const LOAD_EVERY_MS = 1000;
/** Time in which the word that an offer is withdrawn gets out. */
const WORD_OUT_MS = 1000;
/** A gateway says every second how many offers it wants: one that is silent for so long is gone, and what waits there waits for nothing. */
const SILENT_GATEWAY_MS = 15_000;

/** What offers need of the relay. */
export interface OfferHost extends GatewayDialler {
  readonly load: () => { sessions: number; draining: boolean };
  /** Whether one more link can be taken. */
  readonly hasRoom: () => boolean;
  /** An agent's connection was paired with an offer: its TLS begins now. */
  readonly onPaired: (socket: Socket, header: ProxyHeader) => void;
  /** A gateway is shutting down. */
  readonly onLeaving: (gatewayId: string) => void;
  readonly onTrouble: (why: string) => void;
}

/**
 * Keeps one control connection and a few offers waiting at one gateway, indefinitely: a taken offer is followed by a new one,
 * a lost connection is dialled again.
 */
export class GatewayOffers {
  private readonly waiting = new Set<Socket>();
  private readonly stopped = new AbortController();
  private wanted = FEWEST;
  private dialling = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private control: Socket | undefined;
  private withdrawn = false;

  constructor(
    private readonly gatewayId: string,
    private readonly address: string,
    private readonly host: OfferHost,
    private readonly backOff = new BackOff(FIRST_WAIT_MS, LAST_WAIT_MS),
    private readonly silentMs = SILENT_GATEWAY_MS,
  ) {
    void this.keepControl();
  }

  /** Whether the gateway has us: the control connection is up. */
  get connected(): boolean {
    return this.control !== undefined;
  }

  /** Takes back what waits, and offers no more; the gateway hears of it. */
  withdraw(): void {
    this.withdrawn = true;
    this.sendLoad();
    for (const socket of this.waiting) socket.destroy();
  }

  /** Ends everything at this gateway. Paired connections are not touched. */
  stop(): void {
    this.withdrawn = true;
    this.stopped.abort();
    clearTimeout(this.retryTimer);
    this.control?.destroy();
    for (const socket of this.waiting) socket.destroy();
  }

  private async keepControl(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        const socket = await this.dial('control');
        await this.useControl(socket);
      } catch (error) {
        if (!this.stopped.signal.aborted) this.host.onTrouble(`gateway ${this.address}: ${(error as Error).message}`);
      }
      await sleep(this.backOff.next(), undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  private async useControl(socket: Socket): Promise<void> {
    this.control = socket;
    const hear = (message: ControlMessage) => {
      if (message.type === 'shutting-down') this.host.onLeaving(this.gatewayId);
      if (message.type !== 'want-offers') return;
      this.wanted = Math.min(MOST, Math.max(FEWEST, message.offers));
      this.fill();
    };
    readControl(socket, hear, this.silentMs);
    this.sendLoad();
    this.fill();
    const timer = setInterval(() => this.sendLoad(), LOAD_EVERY_MS);
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    clearInterval(timer);
    this.control = undefined;
    for (const offer of this.waiting) offer.destroy(); // they may be as dead, and would keep new ones from being made
  }

  private sendLoad(): void {
    const { sessions, draining } = this.host.load();
    if (this.control) sendControl(this.control, { type: 'load', sessions, draining: draining || this.withdrawn });
  }

  private fill(): void {
    while (!this.withdrawn && this.control && this.waiting.size + this.dialling < this.wanted && this.retryTimer === undefined) {
      this.dialling++;
      void this.offer().finally(() => {
        this.dialling--;
        this.fill();
      });
    }
  }

  private async offer(): Promise<void> {
    let socket: Socket;
    try {
      socket = await this.dial('offer');
    } catch (error) {
      this.host.onTrouble(`offer at ${this.address}: ${(error as Error).message}`);
      this.retryTimer ??= setTimeout(() => {
        this.retryTimer = undefined;
        this.fill();
      }, this.backOff.next());
      return;
    }
    this.waiting.add(socket);
    const leave = () => {
      if (this.waiting.delete(socket)) this.fill();
    };
    socket.once('close', leave);
    void this.awaitPair(socket, leave);
  }

  private async awaitPair(socket: Socket, leave: () => void): Promise<void> {
    try {
      const header = await readProxyHeader(socket, this.stopped.signal);
      leave();
      if (this.withdrawn || header.gatewayId !== this.gatewayId || !this.host.hasRoom()) {
        socket.end(Buffer.from([OFFER_ANSWER.withdrawn]));
        setTimeout(() => socket.destroy(), WORD_OUT_MS).unref(); // it counts nowhere any more, whatever the gateway does
        return;
      }
      socket.write(Buffer.from([OFFER_ANSWER.taken]));
      this.host.onPaired(socket, header);
    } catch {
      socket.destroy();
    }
  }

  private async dial(kind: Exclude<ConnectionKind, 'carry'>): Promise<Socket> {
    const gateway = { id: this.gatewayId, address: this.address };
    const socket = await dialGateway(gateway, kind, this.host, this.stopped.signal);
    this.backOff.reset();
    return socket;
  }
}

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
import { GatewayRun } from '../drain/gateway-run.js';
import { dialGateway, type GatewayDialler } from '../dial/dial-gateway.js';

const MIN_OFFERS = 4;
const MAX_OFFERS = 128;
/** Delay before the first retry to reach a gateway; it grows up to `MAX_RETRY_MS`. */
const FIRST_RETRY_MS = 250;
/** Less than a gateway lets agents wait for a relay: nobody is refused because the gateway was restarted. */
const MAX_RETRY_MS = 3000;
const LOAD_EVERY_MS = 1000;
/** How long a connection stays open after `withdrawn` was sent on it. */
const CLOSE_GRACE_MS = 1000;
/** A gateway sends the number of offers it wants every second. After this long without a message it counts as lost, together with the offers waiting there. */
const SILENT_GATEWAY_MS = 15_000;

/** What `GatewayOffers` needs from the relay. */
export interface OfferHost extends GatewayDialler {
  readonly load: () => { sessions: number; draining: boolean };
  /** Whether one more link can be accepted. */
  readonly hasRoom: () => boolean;
  /** An agent's connection was paired with an offer; its TLS handshake follows. The gateway may have said already that it stops. */
  readonly onPaired: (socket: Socket, header: ProxyHeader, gateway: GatewayRun) => void;
  /** A gateway stops: its `GatewayRun` says so from now on. */
  readonly onLeaving: () => void;
  readonly onTrouble: (why: string) => void;
}

/**
 * Maintains one control connection and a few waiting offers at one gateway: an offer that was used is replaced by a new one,
 * and a lost connection is dialled again.
 */
export class GatewayOffers {
  private readonly waiting = new Set<Socket>();
  private readonly stopped = new AbortController();
  private wanted = MIN_OFFERS;
  private dialling = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private control: Socket | undefined;
  /** The run of the gateway that the control connection is, or was last, connected to. */
  private gateway: GatewayRun;

  constructor(
    private readonly gatewayId: string,
    private readonly address: string,
    private readonly host: OfferHost,
    private readonly backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS),
    private readonly silentMs = SILENT_GATEWAY_MS,
  ) {
    this.gateway = new GatewayRun(gatewayId);
    void this.keepControl();
  }

  /** Whether the control connection is up. */
  get connected(): boolean {
    return this.control !== undefined;
  }

  /** How many offers wait at the gateway. */
  get waitingOffers(): number {
    return this.waiting.size;
  }

  /** Notifies the gateway that the relay drains, or does not any more: withdraws the waiting offers, or makes new ones. */
  followDrain(): void {
    this.sendLoad();
    if (this.withdrawn) for (const socket of this.waiting) socket.destroy();
    else this.fill();
  }

  /** Closes the control connection and the waiting offers. Paired connections are not affected. */
  stop(): void {
    this.stopped.abort();
    clearTimeout(this.retryTimer);
    this.control?.destroy();
    for (const socket of this.waiting) socket.destroy();
  }

  private get withdrawn(): boolean {
    return this.stopped.signal.aborted || this.host.load().draining;
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
    if (this.gateway.stops) this.gateway = new GatewayRun(this.gatewayId); // it has started again
    const onMessage = (message: ControlMessage) => {
      // once: it looks through all links and sessions, and a gateway that was taken over could have a relay do nothing else
      if (message.type === 'shutting-down' && !this.gateway.stops) {
        this.gateway.stop(Date.now(), message.withinMs);
        this.host.onLeaving();
      }
      if (message.type !== 'want-offers') return;
      this.wanted = Math.min(MAX_OFFERS, Math.max(MIN_OFFERS, message.offers));
      this.fill();
    };
    readControl(socket, onMessage, this.silentMs);
    this.sendLoad();
    this.fill();
    const timer = setInterval(() => this.sendLoad(), LOAD_EVERY_MS);
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    clearInterval(timer);
    this.control = undefined;
    for (const offer of this.waiting) offer.destroy(); // they may be dead too, and would prevent new ones from being made
  }

  private sendLoad(): void {
    const { sessions, draining } = this.host.load();
    if (this.control) sendControl(this.control, { type: 'load', sessions, draining });
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
    const { gateway } = this;
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
    void this.awaitPair(socket, gateway, leave);
  }

  private async awaitPair(socket: Socket, gateway: GatewayRun, leave: () => void): Promise<void> {
    try {
      const header = await readProxyHeader(socket, this.stopped.signal);
      leave();
      if (this.withdrawn || header.gatewayId !== this.gatewayId || !this.host.hasRoom()) {
        socket.end(Buffer.from([OFFER_ANSWER.withdrawn]));
        setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref(); // no limit counts the connection any more, so it must not depend on the gateway
        return;
      }
      socket.write(Buffer.from([OFFER_ANSWER.taken]));
      this.host.onPaired(socket, header, gateway);
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

import type { Socket } from 'node:net';
import { GATEWAY_METRICS } from '@sluice/contracts';
import { gaugeOf, splitHostPort } from '@sluice/process';
import { answerError, answerOk, connectSocket, splice } from '@sluice/tunnel';

const CONNECT_TIMEOUT_MS = 3000;
/** A relay needs one connection to the bus, and for a moment two while it replaces a broken one; the rest is reserve. */
const MAX_PER_RELAY = 4;

const bridged = gaugeOf(GATEWAY_METRICS.busConnections);

/**
 * Connects relays to NATS that cannot reach it themselves, because their network lets them out to this gateway only. What
 * passes is TLS between the relay and NATS, and NATS decides what that relay may publish and subscribe to.
 */
export class BusBridge {
  private readonly open = new Map<Socket, string>();

  /** @param servers URLs or `host:port` of NATS */
  constructor(private readonly servers: readonly string[]) {}

  /** Joins a relay's connection to NATS until either ends. */
  async carry(relay: Socket, nodeId: string): Promise<void> {
    if ([...this.open.values()].filter((id) => id === nodeId).length >= MAX_PER_RELAY)
      return answerError(relay, 'limit-reached', 'this relay has the maximum number of connections to the bus');
    this.open.set(relay, nodeId);
    bridged.set(this.open.size);
    try {
      const nats = await this.reach();
      if (!nats) return answerError(relay, 'no-bus', 'NATS cannot be reached from this gateway');
      if (relay.destroyed) return void nats.destroy();
      answerOk(relay);
      await splice(relay, nats);
    } finally {
      this.open.delete(relay);
      bridged.set(this.open.size);
    }
  }

  private async reach(): Promise<Socket | undefined> {
    for (const server of this.servers) {
      const at = splitHostPort(server.replace(/^[a-z]+:\/\//, ''));
      const within = { timeoutMs: CONNECT_TIMEOUT_MS };
      const socket = await connectSocket({ ...at, noDelay: true, allowHalfOpen: true }, within).catch(() => undefined);
      if (socket) return socket.on('error', () => undefined);
    }
    return undefined;
  }
}

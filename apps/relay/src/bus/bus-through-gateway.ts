import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Log } from '@sluice/process';
import { splice } from '@sluice/tunnel';
import type { NodeIdentity } from '../node/node-identity.js';
import { dialGateway } from '../dial/dial-gateway.js';

/**
 * A loopback listener that forwards to the bus through a gateway, for a relay that cannot reach the bus directly. The
 * forwarded connection is TLS with NATS, which requires every connection to authenticate, so the listener grants no access by
 * itself.
 *
 *   bus client ──► 127.0.0.1:port ──► gateway, preamble `bus` ──► NATS
 */
export class BusThroughGateway {
  private readonly server: Server;
  private readonly stopped = new AbortController();
  private readonly clients = new Set<Socket>();

  private constructor(
    private readonly identity: NodeIdentity,
    private readonly log: Log,
  ) {
    this.server = createServer(
      { pauseOnConnect: true, allowHalfOpen: true, noDelay: true },
      (client) => void this.forward(client),
    );
  }

  static async open(identity: NodeIdentity, log: Log): Promise<BusThroughGateway> {
    const listener = new BusThroughGateway(identity, log);
    listener.server.listen(0, '127.0.0.1');
    await once(listener.server, 'listening');
    return listener;
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.stopped.abort();
    this.server.close();
    for (const client of this.clients) client.destroy();
  }

  private async forward(client: Socket): Promise<void> {
    this.clients.add(client);
    client.on('error', () => undefined).once('close', () => this.clients.delete(client));
    const { identity } = this;
    const dialler = {
      credentials: () => identity.own,
      // revocations are unknown before the bus is reached; NATS, and later the relay's replica of the policy, enforce them
      verifyGateway: (certificate: Buffer) => identity.own.verify(certificate),
    };
    for (const gateway of identity.credentials.gateways) {
      try {
        const socket = await dialGateway(gateway, 'bus', dialler, this.stopped.signal);
        return void (await splice(client, socket));
      } catch (error) {
        this.log.debug(
          { gateway: gateway.address, why: (error as Error).message },
          'the bus could not be reached through this gateway',
        );
      }
    }
    client.resetAndDestroy();
  }
}

import { createServer, type Server, type Socket } from 'node:net';
import { CARRIED_SOCKET } from '@sluice/tunnel';
import type { PeerOwner } from './peer-owner.js';
import { whoListens } from './who-listens.js';

/** Whose connections are accepted: one user's, or anybody's. */
export type AllowedUser = number | 'any';

/** Whose connections listeners accept, and at which address they are instead of the servers' own. */
export interface Listening {
  readonly allowed: AllowedUser;
  readonly address?: string | undefined;
}

/** Accepts connections at a resource's bind address, and resets those that are not the allowed user's. */
export class Listener {
  private readonly clients = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly address: string,
    readonly port: number,
  ) {}

  /**
   * Starts listening. The sockets given to `onClient` are paused, so that no byte is read before a relay has opened the
   * session; `acceptedAt` is in milliseconds since 1970. `onForeignUser` is called with the user id behind each connection that was reset, null when it is not known.
   * @throws Error that names the process that uses the address
   */
  static async open(
    at: { address: string; port: number },
    guard: { owner: PeerOwner; allowed: AllowedUser },
    onClient: (client: Socket, acceptedAt: number) => void,
    onForeignUser: (uid: number | null) => void,
  ): Promise<Listener> {
    const server = createServer({ ...CARRIED_SOCKET, allowHalfOpen: true, pauseOnConnect: true });
    const listener = new Listener(server, at.address, at.port);
    server.on('connection', (client) => {
      const acceptedAt = Date.now();
      client.on('error', () => undefined);
      listener.clients.add(client);
      client.once('close', () => listener.clients.delete(client));
      if (guard.allowed === 'any') return onClient(client, acceptedAt);
      void guard.owner.of(client).then((uid) => {
        if (uid === guard.allowed) return onClient(client, acceptedAt);
        client.resetAndDestroy();
        onForeignUser(uid);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const where = `${at.address}:${at.port}`;
        if (error.code === 'EADDRINUSE')
          return reject(new Error(`${where} is in use by ${whoListens(at.address, at.port)}`, { cause: error }));
        reject(new Error(`cannot listen at ${where}: ${error.message}`, { cause: error }));
      });
      server.listen({ host: at.address, port: at.port, backlog: 1024 }, resolve);
    });
    return listener;
  }

  /** Stops listening and resets the connections that are open. */
  close(): void {
    this.server.close();
    for (const client of this.clients) client.resetAndDestroy();
  }
}

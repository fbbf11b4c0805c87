import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What passed in one connection, counted with plain sockets and none of our code. */
export interface CountedConnection {
  up: number;
  down: number;
  closed: boolean;
}

/** A pass-through that counts: between client and agent, or between relay and resource. Half-closes and resets pass. */
export class CountingProxy {
  readonly connections: CountedConnection[] = [];
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<CountingProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new CountingProxy(server);
    server.on('connection', (client) => proxy.pass(client, connect({ port, host: '127.0.0.1', allowHalfOpen: true })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private pass(client: Socket, target: Socket): void {
    const counted: CountedConnection = { up: 0, down: 0, closed: false };
    this.connections.push(counted);
    for (const socket of [client, target]) this.sockets.add(socket);
    const one = (from: Socket, to: Socket, count: (n: number) => void) => {
      from.on('data', (chunk) => {
        count(chunk.length);
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('end', () => to.end());
      from.on('error', () => to.resetAndDestroy());
    };
    one(client, target, (n) => (counted.up += n));
    one(target, client, (n) => (counted.down += n));
    client.on('close', () => (counted.closed = true));
  }
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a local port that can forget its connections, as a router does: neither end is told. */
export class ForgetfulNetwork {
  private readonly pairs = new Map<Socket, { inner: Socket; hasStream: boolean }>();

  private constructor(private readonly server: Server) {}

  static async before(port: number): Promise<ForgetfulNetwork> {
    const server = createServer();
    const network = new ForgetfulNetwork(server);
    server.on('connection', (socket) => {
      const inner = connect(port, '127.0.0.1');
      const pair = { inner, hasStream: false };
      network.pairs.set(socket, pair);
      socket.on('data', (chunk) => (pair.hasStream ||= chunk.includes('GET /api/v1/events')));
      socket.on('error', () => inner.destroy()).pipe(inner);
      inner.on('error', () => socket.destroy()).pipe(socket);
      socket.on('close', () => network.pairs.delete(socket));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Forgets all connections. Those without an event stream are idle by then, and the gateway would have closed them. */
  forget(): void {
    for (const [socket, { inner, hasStream }] of this.pairs) {
      if (!hasStream) socket.destroy();
      socket.unpipe(inner).resume();
      inner.unpipe(socket).destroy();
    }
  }

  close(): void {
    this.server.close();
    for (const socket of this.pairs.keys()) socket.destroy();
  }
}

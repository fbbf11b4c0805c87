import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A TCP service of a test: what it does with a connection is the test's. Keeps count of all that it accepted. */
export class Resource {
  readonly accepted: Socket[] = [];
  private constructor(private readonly server: Server) {}

  static async serve(onConnection: (socket: Socket) => void): Promise<Resource> {
    const server = createServer({ allowHalfOpen: true });
    const resource = new Resource(server);
    server.on('connection', (socket) => {
      resource.accepted.push(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return resource;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.accepted) socket.destroy();
  }
}

/** Says back whatever comes, and ends when the client has ended. */
export const echo = (socket: Socket): void => void socket.pipe(socket);

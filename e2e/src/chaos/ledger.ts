import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Resource } from '../resource.js';
import { type ConnectionPlan, planConnection } from './plan.js';
import { Side, type SideSeen } from './side.js';

/** Length of the first bytes of a client, which name its connection. */
const TOKEN = 16;
/** A PROXY header with IPv4 addresses. */
const HEADER = 28;

/** A client's connection, as its socket saw it. */
export interface ClientSeen {
  readonly token: string;
  readonly serverId: string;
  readonly plan: ConnectionPlan;
  readonly side: SideSeen;
  /** Whether the agent took it. */
  connected: boolean;
}

/** A connection as the resource's socket saw it. */
export interface ResourceSeen {
  readonly serverId: string;
  /** The agent's end of the link, out of the PROXY header: the record has it too. Undefined when no header came. */
  clientAddress: string | undefined;
  headerAt: number;
  token: string | undefined;
  side: SideSeen | undefined;
}

/** What was seen of all connections, on both sides. */
export type Seen = Pick<Ledger, 'clients' | 'resources' | 'client'>;

/** Everything that plain sockets saw, on both sides. */
export class Ledger {
  readonly clients: ClientSeen[] = [];
  readonly resources: ResourceSeen[] = [];
  private readonly byToken = new Map<string, ClientSeen>();
  private readonly services: Resource[] = [];

  constructor(private readonly seed: number) {}

  client(token: string | undefined): ClientSeen | undefined {
    return token === undefined ? undefined : this.byToken.get(token);
  }

  /** Opens the connection of a number, and resolves when it is over. */
  async open(number: number, serverId: string, port: number): Promise<ClientSeen> {
    const plan = planConnection(this.seed, number);
    const token = randomBytes(TOKEN);
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const side = new Side(socket, plan.client, plan.resource.resetAt ?? plan.resource.bytes, 0);
    const seen: ClientSeen = { token: token.toString('hex'), serverId, plan, side, connected: false };
    this.clients.push(seen);
    this.byToken.set(seen.token, seen);
    socket.on('data', (chunk: Buffer) => side.take(chunk));
    socket.once('connect', () => {
      seen.connected = true;
      void side.play(token);
    });
    await side.closed;
    return seen;
  }

  /** A service that does what the plan of each connection says. `serverId` is known once it has been added. */
  async serve(serverId: () => string): Promise<Resource> {
    const service = await Resource.serve((socket) => {
      const seen: ResourceSeen = {
        serverId: serverId(),
        clientAddress: undefined,
        headerAt: 0,
        token: undefined,
        side: undefined,
      };
      this.resources.push(seen);
      let head = Buffer.alloc(0);
      const first = (chunk: Buffer): void => {
        head = Buffer.concat([head, chunk]);
        if (head.length < HEADER) return;
        if (seen.clientAddress === undefined) {
          seen.clientAddress = `${[...head.subarray(16, 20)].join('.')}:${head.readUInt16BE(24)}`;
          seen.headerAt = Date.now();
        }
        if (head.length < HEADER + TOKEN) return;
        seen.token = head.subarray(HEADER, HEADER + TOKEN).toString('hex');
        const plan = this.client(seen.token)?.plan;
        if (!plan) return void socket.destroy(); // bytes that no client sent: the verdict finds an unknown token
        const side = new Side(socket, plan.resource, TOKEN + (plan.client.resetAt ?? plan.client.bytes), TOKEN);
        seen.side = side;
        socket.off('data', first);
        socket.on('data', (more: Buffer) => side.take(more));
        side.take(head.subarray(HEADER));
        void side.play(Buffer.alloc(0));
      };
      socket.on('data', first);
      socket.once('end', () => seen.side ?? socket.end());
    });
    this.services.push(service);
    return service;
  }

  /** Whether all connections that the services accepted are closed. */
  get quiet(): boolean {
    return this.services.every((service) => service.accepted.every((socket) => socket.destroyed));
  }

  close(): void {
    for (const service of this.services) service.close();
  }
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from '@sluice/domain';
import { addressOf, type WaitingLimits, WaitingConnections } from '@sluice/tunnel';

/** The same for a TLS connection and the plain one under it. */
const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * Limits the connections of an HTTP server, plain or TLS, that wait: those that have not sent a whole head, and those that may
 * send another request.
 *
 *   connected ──► waiting ◄──► answered
 *                   └──► the oldest of too many ──► closed
 */
export function limitWaiting(server: Server, size: WaitingLimits): void {
  const room = new WaitingConnections(size, (socket) => socket.destroy());
  const connections = new Map<string, { readonly socket: Socket; requests: number }>();
  server.on('connection', (socket: Socket) => {
    const end = endOf(socket);
    connections.set(end, { socket, requests: 0 });
    room.enter(socket, addressKey(addressOf(socket)));
    socket.once('close', () => {
      room.leave(socket);
      connections.delete(end);
    });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(endOf(request.socket));
    if (!connection) return;
    const { socket } = connection;
    connection.requests++;
    room.leave(socket);
    response.once('close', () => {
      connection.requests--;
      if (connection.requests === 0 && !socket.destroyed) room.enter(socket, addressKey(addressOf(socket)));
    });
  });
}

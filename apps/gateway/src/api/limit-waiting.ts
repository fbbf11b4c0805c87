import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from '@sluice/domain';
import { addressOf, type WaitingLimits, WaitingConnections } from '@sluice/tunnel';

/** Identifies a connection; the same for a TLS socket and the TCP socket under it. */
const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * Limits the connections of an HTTP server, plain or TLS, that are waiting for a request: those that have not sent a complete
 * head yet, and those that are kept alive for another request.
 *
 *   connected ──► waiting ◄──► answered
 *                   └──► the oldest of too many ──► closed
 */
export function limitWaiting(server: Server, size: WaitingLimits): void {
  const waiting = new WaitingConnections(size, (socket) => socket.destroy());
  const connections = new Map<string, { readonly socket: Socket; requests: number }>();
  server.on('connection', (socket: Socket) => {
    const end = endOf(socket);
    connections.set(end, { socket, requests: 0 });
    waiting.enter(socket, addressKey(addressOf(socket)));
    socket.once('close', () => {
      waiting.leave(socket);
      connections.delete(end);
    });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(endOf(request.socket));
    if (!connection) return;
    const { socket } = connection;
    connection.requests++;
    waiting.leave(socket);
    response.once('close', () => {
      connection.requests--;
      if (connection.requests === 0 && !socket.destroyed) waiting.enter(socket, addressKey(addressOf(socket)));
    });
  });
}

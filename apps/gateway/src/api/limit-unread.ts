import type { Socket } from 'node:net';
import { addressKey } from '@sluice/domain';
import { type WaitingLimits, WaitingConnections } from '@sluice/tunnel';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Limits the number of connections whose client does not read its response. A response larger than the kernel's buffers
 * would otherwise occupy its connection indefinitely. When there are too many such connections, the oldest are closed.
 */
export function limitUnread(
  server: FastifyInstance,
  size: WaitingLimits,
  addressOf: (request: FastifyRequest) => string | undefined,
): void {
  const unread = new WaitingConnections(size, (socket) => socket.destroy());
  /** How many responses are unread on each connection; a client may pipeline requests. */
  const responses = new Map<Socket, number>();
  server.addHook('onSend', (request, reply, _payload, done) => {
    const { socket } = request.raw;
    const before = responses.get(socket) ?? 0;
    responses.set(socket, before + 1);
    if (before === 0) unread.enter(socket, addressKey(addressOf(request)));
    reply.raw.once('close', () => {
      const left = (responses.get(socket) ?? 1) - 1;
      if (left > 0) return void responses.set(socket, left);
      responses.delete(socket);
      unread.leave(socket);
    });
    done();
  });
}

import type { Socket } from 'node:net';
import { addressKey } from '@sluice/domain';
import { type WaitingLimits, WaitingConnections } from '@sluice/tunnel';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Limits the connections whose client does not read its answer: one that is larger than the buffers of the kernel would hold
 * its connection for as long as the client likes. Where there are too many, the oldest are closed.
 */
export function limitUnread(
  server: FastifyInstance,
  size: WaitingLimits,
  addressOf: (request: FastifyRequest) => string | undefined,
): void {
  const room = new WaitingConnections(size, (socket) => socket.destroy());
  /** A client may have asked several times on one connection, and not wait for the answers. */
  const answers = new Map<Socket, number>();
  server.addHook('onSend', (request, reply, _payload, done) => {
    const { socket } = request.raw;
    const before = answers.get(socket) ?? 0;
    answers.set(socket, before + 1);
    if (before === 0) room.enter(socket, addressKey(addressOf(request)));
    reply.raw.once('close', () => {
      const left = (answers.get(socket) ?? 1) - 1;
      if (left > 0) return void answers.set(socket, left);
      answers.delete(socket);
      room.leave(socket);
    });
    done();
  });
}

import type { FastifyInstance } from 'fastify';
import type { ClientAddress } from '../client/client-address.js';

/** A browser that has come over TLS once comes so for a year. */
const STRICT_TRANSPORT = 'max-age=31536000';

/** Has browsers that see this server over TLS never use plain http for it. Its hook applies to routes that are added after it. */
export function requireTransportSecurity(server: FastifyInstance, clients: ClientAddress): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (clients.protocolOf(request) === 'https') void reply.header('strict-transport-security', STRICT_TRANSPORT);
    done();
  });
}

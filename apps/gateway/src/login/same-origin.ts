import { ProblemError } from '@sluice/contracts';
import type { FastifyRequest } from 'fastify';
import type { ClientAddress } from '../client/client-address.js';

/**
 * Refuses a request that another page than this server's own may have made the browser send. A browser adds its cookies to the requests of any
 * page, and puts the origin of that page into `Origin`, which the page cannot change.
 * @throws ProblemError 403
 */
export function assertSameOrigin(request: FastifyRequest, clients: ClientAddress): void {
  const own = clients.originOf(request);
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (own !== undefined && origin === own && (site === undefined || site === 'same-origin')) return;
  const came = origin === undefined ? 'does not say which origin it comes from' : 'comes from another origin';
  throw new ProblemError(
    403,
    'other_origin',
    `a change with a cookie is taken from this server's own pages only, and this request ${came}; programs send their token in Authorization`,
  );
}

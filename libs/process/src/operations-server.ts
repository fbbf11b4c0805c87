import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, register } from 'prom-client';

/** Whether this process can do its work now. `problems` make it unready; `degraded` is shown without that. */
export interface Readiness {
  readonly problems: readonly string[];
  readonly degraded: readonly string[];
}

/** The response of `/livez`, `/readyz` or `/metrics`; undefined for any other path. */
export async function answerOperations(path: string, ready: () => Readiness | Promise<Readiness>) {
  switch (path) {
    case '/livez':
      return { status: 200, type: 'application/json', body: '{"live":true}' };
    case '/readyz': {
      const { problems, degraded } = await ready();
      return {
        status: problems.length === 0 ? 200 : 503,
        type: 'application/json',
        body: JSON.stringify({ ready: problems.length === 0, problems, degraded }),
      };
    }
    case '/metrics':
      return { status: 200, type: register.contentType, body: await register.metrics() };
    default:
      return undefined;
  }
}

/** Serves `/livez`, `/readyz` and `/metrics` at a separate address, on loopback unless configured otherwise. */
export async function serveOperations(
  at: { host: string; port: number },
  ready: () => Readiness | Promise<Readiness>,
): Promise<{ server: Server; port: number }> {
  collectDefaultMetrics();
  const limits = { headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 };
  const server = createServer(limits, (request, response) => {
    void answerOperations((request.url ?? '/').split('?')[0] as string, ready).then(
      (answer) => {
        const { status, type, body } = answer ?? { status: 404, type: 'application/json', body: '{"title":"not found"}' };
        response.writeHead(status, { 'content-type': type }).end(body);
      },
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { METRIC_SERVICES, SERVICE_METRICS } from '@sluice/contracts';
import { RELEASE } from '@sluice/domain';
import { collectDefaultMetrics, register } from 'prom-client';
import { gaugeOf, measure } from './metrics.js';

/** How long a request for metrics waits for the readiness, in milliseconds: less than Prometheus waits for the metrics. */
const READY_WITHIN_MS = 2000;

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
  service: string,
  ready: () => Readiness | Promise<Readiness>,
): Promise<{ server: Server; port: number }> {
  collectDefaultMetrics();
  measureService(service, ready);
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

/** Shows as metrics which service this is, and what `/readyz` would respond. */
function measureService(service: string, ready: () => Readiness | Promise<Readiness>): void {
  const name = METRIC_SERVICES.find((known) => known === service);
  if (name !== undefined) gaugeOf(SERVICE_METRICS.info).set({ name, release: RELEASE, runtime: process.versions.node }, 1);
  measure(SERVICE_METRICS.ready, async () => ((await readNow(ready))?.problems.length === 0 ? 1 : 0));
  measure(SERVICE_METRICS.degraded, async () => (await readNow(ready))?.degraded.length ?? 0);
}

/** @returns undefined if the readiness cannot be determined in time, which must not keep the other metrics from being read */
async function readNow(ready: () => Readiness | Promise<Readiness>): Promise<Readiness | undefined> {
  const tooLate = sleep(READY_WITHIN_MS, undefined, { ref: false });
  try {
    return await Promise.race([ready(), tooLate]);
  } catch {
    return undefined;
  }
}

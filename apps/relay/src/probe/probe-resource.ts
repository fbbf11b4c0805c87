import type { ProbeReply, TlsStart } from '@sluice/contracts';
import { checkError, type EgressRules, type PolicyResource } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';
import { until } from '@sluice/process';
import { LOCAL_PROXY_HEADER } from '@sluice/tunnel';
import { virtualSubnetOf } from '../policy/read-policy.js';
import { dialResource } from '../dial/dial-resource.js';
import { awaitGreeting } from './await-greeting.js';
import { inspectTls, type TlsRequest } from './inspect-tls.js';
import { trustedRoots } from './trusted-roots.js';

const PROBE_TIMEOUT_MS = 5000;
/** A server that was just added may be known to the health service a moment before it is known here. */
const KNOWN_WITHIN_MS = 1000;

/**
 * Checks a resource: connects as a session would, and if the resource's mode is `greeting`, waits until the service sends something.
 * @param tls try a TLS handshake in place of waiting for a greeting; whatever comes of it, the resource was reached
 */
export async function probeResource(
  policy: PolicyReplica,
  egress: EgressRules,
  resourceId: string,
  tls?: TlsStart,
): Promise<ProbeReply> {
  const isKnown = async () => policy.resource(resourceId) !== undefined;
  await until(isKnown, AbortSignal.timeout(KNOWN_WITHIN_MS), 50).catch(() => undefined);
  const resource = policy.resource(resourceId);
  if (!resource) return { reached: false, error: 'this relay does not know the server yet', ms: 0 };
  const started = performance.now();
  const bounds = {
    egress: { ...egress, virtualSubnet: virtualSubnetOf(policy) },
    timeoutMs: PROBE_TIMEOUT_MS,
    signal: new AbortController().signal,
  };
  const dialled = await dialResource(resource.hostname, resource.port, bounds);
  const ms = Math.round(performance.now() - started);
  if (!dialled.ok) return { reached: false, error: checkError(dialled.reason, dialled.message), ms };
  dialled.socket.on('error', () => undefined);
  if (resource.proxyProtocol) dialled.socket.write(LOCAL_PROXY_HEADER);
  if (tls !== undefined)
    return { reached: true, error: null, ms, tls: await inspectTls(dialled.socket, requestOf(resource, tls)) };
  const greeting = awaitGreeting(dialled.socket); // in every mode, so that the conversation ends as the protocol wants
  const result = resource.check === 'greeting' ? await greeting : undefined;
  if (result?.greeted === false)
    return { reached: false, error: checkError(result.failure, `${dialled.address}: ${result.why}`), ms };
  return { reached: true, error: null, ms };
}

function requestOf({ hostname, clientNames = [] }: PolicyResource, start: TlsStart): TlsRequest {
  const clients = clientNames.map((name) => ({ name, use: 'client' as const }));
  return { start, hostname, expected: [{ name: hostname, use: 'endpoint' }, ...clients], roots: trustedRoots() };
}

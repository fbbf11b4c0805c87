import type { ProbeReply } from '@sluice/contracts';
import { checkError, type EgressRules } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';
import { until } from '@sluice/process';
import { LOCAL_PROXY_HEADER } from '@sluice/tunnel';
import { virtualSubnetOf } from '../policy/read-policy.js';
import { dialResource } from '../dial/dial-resource.js';
import { hearGreeting } from './hear-greeting.js';

const PROBE_TIMEOUT_MS = 5000;
/** A server that was just added may be known to the health service a moment before it is known here. */
const KNOWN_WITHIN_MS = 1000;

/** Checks a resource: connects as a session would, and if the resource's mode is `greeting`, waits until the service says something. */
export async function probeResource(policy: PolicyReplica, egress: EgressRules, resourceId: string): Promise<ProbeReply> {
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
  const hearing = hearGreeting(dialled.socket); // in every mode, so that services which greet are left in order
  const heard = resource.check === 'greeting' ? await hearing : undefined;
  if (heard?.greeted === false)
    return { reached: false, error: checkError(heard.failure, `${dialled.address}: ${heard.why}`), ms };
  return { reached: true, error: null, ms };
}

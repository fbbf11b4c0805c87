import type { ProbeReply } from '@sluice/contracts';
import type { EgressRules } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';
import { LOCAL_PROXY_HEADER } from '@sluice/tunnel';
import { virtualSubnetOf } from '../policy/read-policy.js';
import { dialResource } from '../dial/dial-resource.js';

const PROBE_TIMEOUT_MS = 5000;

/** Tests whether a resource can be reached: connects as a session would, and closes the connection without sending payload. */
export async function probeResource(policy: PolicyReplica, egress: EgressRules, resourceId: string): Promise<ProbeReply> {
  const started = performance.now();
  const resource = policy.resource(resourceId);
  if (!resource) return { reached: false, error: 'this relay does not know the server yet', ms: 0 };
  const bounds = {
    egress: { ...egress, virtualSubnet: virtualSubnetOf(policy) },
    timeoutMs: PROBE_TIMEOUT_MS,
    signal: new AbortController().signal,
  };
  const dialled = await dialResource(resource.hostname, resource.port, bounds);
  const ms = Math.round(performance.now() - started);
  if (!dialled.ok) return { reached: false, error: `${dialled.reason}: ${dialled.message}`, ms };
  dialled.socket.on('error', () => undefined);
  dialled.socket.resume();
  if (resource.proxyProtocol) dialled.socket.write(LOCAL_PROXY_HEADER);
  dialled.socket.end();
  setTimeout(() => dialled.socket.destroy(), 1000).unref();
  return { reached: true, error: null, ms };
}

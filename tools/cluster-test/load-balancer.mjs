// What a cloud does for Services of type LoadBalancer: gives each an address, and leads it to a node that serves it.
import { eventually } from './eventually.mjs';
import { follow } from './follow.mjs';

/** Addresses by the name of the Service. */
export const ADDRESSES = { 'sluice-api': '10.240.1.1', 'sluice-gateway-0': '10.240.1.10', 'sluice-gateway-1': '10.240.1.11' };

/** Writes the addresses into the Services, once they exist. */
export async function giveAddresses(kubectl, namespace) {
  for (const [name, ip] of Object.entries(ADDRESSES)) {
    const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip }] } } });
    const patch = ['patch', 'service', name, '-n', namespace, '--subresource=status', '--type=merge', '-p', status];
    await eventually(`the Service ${name} exists`, () => kubectl(...patch), 300, 1000);
  }
}

/**
 * Leads the addresses to nodes as pods move: to one that has a pod of the Service, as `externalTrafficPolicy: Local` asks of load balancers.
 * An address stays where it is while a pod there serves, so that connections through it are kept.
 * @returns what ends it
 */
export function balance(host, kubectl, namespace, nodes) {
  const routes = new Map();
  const slices = new Map();
  return follow(host, kubectl, ['endpointslices', '-n', namespace], ({ metadata, endpoints }, deleted) => {
    const service = metadata.labels['kubernetes.io/service-name'];
    const ip = ADDRESSES[service];
    if (ip === undefined) return;
    slices.set(metadata.name, { service, endpoints: deleted ? [] : (endpoints ?? []) });
    const all = [...slices.values()].filter((slice) => slice.service === service).flatMap((slice) => slice.endpoints);
    const serving = all.filter(({ conditions }) => conditions.ready || conditions.serving).map(({ nodeName }) => nodeName);
    if (serving.includes(routes.get(ip))) return;
    const node = nodes.find(({ name }) => serving.includes(name));
    if (node === undefined) return;
    host.ip('route', 'replace', `${ip}/32`, 'via', node.address);
    routes.set(ip, node.name);
  });
}

// What a cloud does for Services of type LoadBalancer: gives each an address, and leads it to a node that serves it.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.mjs';

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
 * @returns what ends it
 */
export function balance(kubectl, namespace, host, nodes) {
  let stopped = false;
  const routes = new Map();
  const follow = async () => {
    const slices = JSON.parse(await kubectl('get', 'endpointslices', '-n', namespace, '-o', 'json')).items;
    for (const [name, ip] of Object.entries(ADDRESSES)) {
      const endpoints = slices
        .filter(({ metadata }) => metadata.labels['kubernetes.io/service-name'] === name)
        .flatMap((slice) => slice.endpoints ?? []);
      const serving = endpoints.filter(({ conditions }) => conditions.ready || conditions.serving);
      const node = nodes.find(({ name: nodeName }) => serving.some((endpoint) => endpoint.nodeName === nodeName));
      if (node === undefined || routes.get(ip) === node.address) continue;
      host.ip('route', 'replace', `${ip}/32`, 'via', node.address);
      routes.set(ip, node.address);
    }
  };
  const loop = (async () => {
    while (!stopped) {
      await follow().catch(() => undefined); // such as a moment at which the API server does not respond: the routes stay
      await sleep(300);
    }
  })();
  return async () => {
    stopped = true;
    await loop;
  };
}

import { DEFAULT_CLUSTER } from '@sluice/domain';
import type { Node } from './nodes.js';

type Member = Pick<Node, 'id' | 'kind' | 'proxyCluster' | 'state' | 'drain'>;

/** What nobody can do without a node, as a sentence; undefined while another of its kind and cluster is online and in service. */
export function lossWithout(node: Member, nodes: readonly Member[]): string | undefined {
  const { id, kind, proxyCluster } = node;
  const hasOther = nodes.some(
    (other) =>
      other.id !== id && other.kind === kind && other.proxyCluster === proxyCluster && other.state === 'online' && !other.drain,
  );
  if (hasOther) return undefined;
  if (kind === 'gateway') return 'It is the only gateway in service: nobody can connect until another one is.';
  const cluster = proxyCluster === null ? `the ${DEFAULT_CLUSTER} cluster` : `the proxy cluster ${proxyCluster}`;
  return `It is the only relay of ${cluster} in service: nobody can connect to the servers there until another one is.`;
}

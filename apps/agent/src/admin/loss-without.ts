import { collect, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import { nextPage } from '../command/api.js';

type Node = Schemas['Node'];

/** All nodes. @param gone whether workers that are gone are among them */
export const allNodes = (api: SluiceClient, gone = false): Promise<Node[]> =>
  collect((cursor) => unwrap(api.GET('/api/v1/nodes', { params: { query: { ...nextPage(cursor), ...(gone && { gone }) } } })));

/** What is lost without a node: it is the only one of its kind and cluster, or the only one that is online and in service; undefined if another is. */
export async function lossWithout(api: SluiceClient, node: Node): Promise<string | undefined> {
  const others = (await allNodes(api)).filter(
    (other) => other.id !== node.id && other.kind === node.kind && other.proxyCluster === node.proxyCluster,
  );
  const online = others.filter(({ state, drain }) => state === 'online' && !drain);
  return others.length === 0 ? 'the only one' : online.length === 0 ? 'the only one that is online' : undefined;
}

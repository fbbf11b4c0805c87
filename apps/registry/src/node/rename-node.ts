import type { InputOf, Node, updateNode } from '@sluice/contracts';
import { parseNodeName } from '@sluice/domain';
import type { Change } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';
import type { Presence } from '../presence/presence.js';
import { NodeTable } from './node.table.js';
import { findNode, lockNode, nameTaken } from './nodes.js';

/**
 * Renames a relay. Its certificate, its subjects on the bus and its chain contain its id, so they do not change; the relay gets its
 * new name with its next credentials.
 * @throws ProblemError also for a gateway, which registers under the name in its configuration at each start
 */
export async function renameNode(change: Change, presence: Presence, asked: InputOf<typeof updateNode>): Promise<Node> {
  const repository = change.tx.getRepository(NodeTable);
  const { id } = asked;
  const before = await lockNode(change.tx, asked);
  if (before.kind === 'gateway')
    throw refusedBy({
      code: 'gateway_name_configured',
      message:
        'a gateway has the name in its configuration: start it with another SLUICE_GATEWAY_NAME, and delete the node of the old name',
      field: 'id',
      value: before.name,
    });
  const name = accepted(parseNodeName(asked.name));
  await repository.update({ id }, { name, version: before.version + 1 }).catch((error: unknown) => {
    throw nameTaken(error, name);
  });
  await change.record('updated', { kind: 'node', id, name }, { name: before.name }, { name });
  return findNode(change.tx, presence, id);
}

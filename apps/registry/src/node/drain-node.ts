import type { drainNode, InputOf } from '@sluice/contracts';
import type { Change } from '../change/change.js';
import { type NodeRow, NodeTable } from './node.table.js';
import { lockNode } from './nodes.js';

/**
 * Takes a node out of service, or replaces the deadline of a drain that has begun. It is state, not a command: the node reads it
 * in its policy, also after a restart.
 */
export async function drainNodeIn(change: Change, asked: InputOf<typeof drainNode>): Promise<void> {
  const row = await lockNode(change.tx, asked);
  const { deadlineSeconds } = asked;
  const now = new Date();
  await setDrain(change, row, {
    drainingSince: row.drainingSince ?? now,
    drainDeadline:
      deadlineSeconds === undefined || deadlineSeconds === null ? null : new Date(now.getTime() + deadlineSeconds * 1000),
  });
}

/** Puts a node into service again; one that is in service stays as it is. */
export async function undrainNodeIn(change: Change, asked: { id: string; version: number }): Promise<void> {
  const row = await lockNode(change.tx, asked);
  if (row.drainingSince !== null) await setDrain(change, row, { drainingSince: null, drainDeadline: null });
}

type DrainOfNode = Pick<NodeRow, 'drainingSince' | 'drainDeadline'>;

async function setDrain(change: Change, row: NodeRow, drain: DrainOfNode): Promise<void> {
  await change.tx.getRepository(NodeTable).update({ id: row.id }, { ...drain, version: row.version + 1 });
  const verb = drain.drainingSince === null ? 'undrained' : 'drained';
  await change.record(verb, { kind: 'node', id: row.id, name: row.name }, shown(row), shown(drain));
  await change.touch('drain', row.id);
}

const shown = ({ drainingSince, drainDeadline }: DrainOfNode) => ({ drainingSince, drainDeadline });

import { EntitySchema } from 'typeorm';

/** A gateway or relay. */
export interface NodeRow {
  id: string;
  version: number;
  kind: 'gateway' | 'relay';
  name: string;
  clusterId: string | null;
  /** The address at which agents reach a gateway. */
  address: string | null;
  /** The address at which relays reach a gateway, if it differs from the agents'. */
  relayAddress: string | null;
  publicKey: string;
  /** The cluster key with which it enrolled; null if it used a one-time token, and for gateways. */
  clusterKeyId: string | null;
  enrolledAt: Date;
  /** When an administrator began to drain it; null while it is in service. */
  drainingSince: Date | null;
  /** When what still runs there is ended; null: when it ends by itself. */
  drainDeadline: Date | null;
  deletedAt: Date | null;
}

export const NodeTable = new EntitySchema<NodeRow>({
  name: 'node',
  columns: {
    id: { type: 'uuid', primary: true },
    version: { type: 'int' },
    kind: { type: 'text' },
    name: { type: 'text' },
    clusterId: { type: 'text', name: 'cluster_id', nullable: true },
    address: { type: 'text', nullable: true },
    relayAddress: { type: 'text', name: 'relay_address', nullable: true },
    publicKey: { type: 'text', name: 'public_key' },
    clusterKeyId: { type: 'uuid', name: 'cluster_key_id', nullable: true },
    enrolledAt: { type: 'timestamptz', name: 'enrolled_at' },
    drainingSince: { type: 'timestamptz', name: 'draining_since', nullable: true },
    drainDeadline: { type: 'timestamptz', name: 'drain_deadline', nullable: true },
    deletedAt: { type: 'timestamptz', name: 'deleted_at', nullable: true },
  },
});

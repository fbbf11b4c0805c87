import { EntitySchema } from 'typeorm';

/** A gateway or relay. */
export interface NodeRow {
  id: string;
  version: number;
  kind: 'gateway' | 'relay';
  name: string;
  clusterId: string | null;
  address: string | null;
  publicKey: string;
  enrolledAt: Date;
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
    publicKey: { type: 'text', name: 'public_key' },
    enrolledAt: { type: 'timestamptz', name: 'enrolled_at' },
    deletedAt: { type: 'timestamptz', name: 'deleted_at', nullable: true },
  },
});

import { EntitySchema } from 'typeorm';

/** A proxy cluster. */
export interface ClusterRow {
  id: string;
  version: number;
  name: string;
  nameKey: string;
}

export const ClusterTable = new EntitySchema<ClusterRow>({
  name: 'proxy_cluster',
  columns: {
    id: { type: 'text', primary: true },
    version: { type: 'int' },
    name: { type: 'text' },
    nameKey: { type: 'text', name: 'name_key' },
  },
});

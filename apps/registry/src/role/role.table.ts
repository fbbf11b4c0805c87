import { EntitySchema } from 'typeorm';

/** A role; which servers it reaches and which users hold it are rows of `role_resource` and `role_account`. */
export interface RoleRow {
  id: string;
  version: number;
  name: string;
  nameKey: string;
}

export const RoleTable = new EntitySchema<RoleRow>({
  name: 'role',
  columns: {
    id: { type: 'uuid', primary: true },
    version: { type: 'int' },
    name: { type: 'text' },
    nameKey: { type: 'text', name: 'name_key' },
  },
});

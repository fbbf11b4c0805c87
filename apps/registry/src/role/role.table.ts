import { EntitySchema } from 'typeorm';

/** A role. The servers that it reaches and the users that have it are rows of `role_resource` and `role_account`. */
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

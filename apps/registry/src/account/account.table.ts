import type { ApiRole } from '@sluice/contracts';
import { EntitySchema } from 'typeorm';

/** An account: a person or service that connects. */
export interface AccountRow {
  id: string;
  version: number;
  email: string;
  apiRole: ApiRole;
  /** Null after a password reset, until a new password is set. */
  passwordHash: string | null;
  status: 'active' | 'suspended' | 'deleted';
  createdAt: Date;
  /** Null of those that an earlier release deleted. */
  deletedAt: Date | null;
}

export const AccountTable = new EntitySchema<AccountRow>({
  name: 'account',
  columns: {
    id: { type: 'uuid', primary: true },
    version: { type: 'int', version: false },
    email: { type: 'text' },
    apiRole: { type: 'text', name: 'api_role' },
    passwordHash: { type: 'text', name: 'password_hash', nullable: true },
    status: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at', createDate: true },
    deletedAt: { type: 'timestamptz', name: 'deleted_at', nullable: true },
  },
});

import type { LoginInfo, OutputOf, listOwnLogins } from '@sluice/contracts';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource } from 'typeorm';

interface LoginRow {
  id: string;
  created_at: Date;
  created_key: string;
  address: string | null;
  last_used_at: Date | null;
  last_used_address: string | null;
  expires_at: Date;
}

/** One page of an account's logins that have not ended, newest first. @param currentId the caller's own login */
export async function pageOfLogins(
  database: DataSource,
  accountId: string,
  currentId: string,
  input: { limit: number; cursor?: string | undefined },
): Promise<OutputOf<typeof listOwnLogins>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, { key: 'time', id: 'uuid' });
  const rows = await database.query<LoginRow[]>(
    `select *, created_at::text as created_key from login
      where account_id = $1 and ended_at is null and expires_at > now()
        and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
      order by created_at desc, id desc limit $4`,
    [accountId, after?.[0] ?? null, after?.[1] ?? null, input.limit + 1],
  );
  return pageOf(
    rows,
    input.limit,
    (row) => [row.created_key, row.id],
    (row) => showLogin(row, currentId),
  );
}

const showLogin = (row: LoginRow, currentId: string): LoginInfo => ({
  id: row.id,
  createdAt: row.created_at.toISOString(),
  address: row.address,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  lastUsedAddress: row.last_used_address,
  expiresAt: row.expires_at.toISOString(),
  current: row.id === currentId,
});

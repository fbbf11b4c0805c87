import type { countLiveSessions, InputOf, LiveSessions, OutputOf } from '@sluice/contracts';
import type { DataSource } from 'typeorm';

/** How many live sessions there are between accounts and resources; pairs without any are left out. */
export const countLive = (
  database: DataSource,
  { accountIds, resourceIds }: InputOf<typeof countLiveSessions>,
): Promise<OutputOf<typeof countLiveSessions>['counts']> =>
  database.query(
    `select account_id as "accountId", resource_id as "resourceId", count(*)::int as sessions from session
      where state = 'live' and started_at is not null and account_id = any($1) and resource_id = any($2)
      group by account_id, resource_id`,
    [accountIds, resourceIds],
  );

/** The most servers that are counted. */
const MAX_SERVERS = 10_000;

/** How many live sessions there are to each server, most first; servers without any are left out. */
export const countLiveByServer = (database: DataSource): Promise<LiveSessions['servers']> =>
  database.query(
    `select resource_id as id, count(*)::int as sessions from session
      where state = 'live' and started_at is not null group by 1 order by 2 desc, 1 limit ${MAX_SERVERS}`,
  );

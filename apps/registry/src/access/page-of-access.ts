import { type InputOf, listServerAccess, listUserAccess, notFound, type ServerAccess, type UserAccess } from '@sluice/contracts';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource } from 'typeorm';

type Roles = ServerAccess['roles'];
/** How many sessions run of an account to a resource; null where that is not known. */
export type LiveCount = (accountId: string, resourceId: string) => number | null;
/** Asks once for the live sessions between all of these accounts and resources. */
export type CountLive = (accountIds: string[], resourceIds: string[]) => Promise<LiveCount>;

interface AccessRow {
  id: string;
  /** What the list is sorted by. */
  key: string;
  roles: Roles;
}
interface UserRow extends AccessRow {
  email: string;
  status: 'active' | 'suspended';
}
interface ServerRow extends AccessRow {
  name: string;
}

/** The roles of a group, which has one row for each. Access began when the later of the two members was added. */
const ROLES = `jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'since',
                 case when ra.since is not null and rr.since is not null then greatest(ra.since, rr.since) end) order by r.name_key) as roles`;
const MEMBERS = `role r join role_resource rr on rr.role_id = r.id join role_account ra on ra.role_id = r.id`;

/** One page of the users who may reach a server, by e-mail. @throws ProblemError 404 */
export async function pageOfServerAccess(
  database: DataSource,
  input: InputOf<typeof listServerAccess>,
  countLive: CountLive,
): Promise<{ items: ServerAccess[]; nextCursor?: string }> {
  const values = pageValues(input); // first: a malformed cursor is an error of the request, whether or not there is such an object
  const known = await database.query<unknown[]>('select 1 from resource where id = $1', [input.id]);
  if (known.length === 0) throw notFound('server', input.id);
  const rows = await database.query<UserRow[]>(
    `select a.id, a.email, a.status, lower(a.email) as key, ${ROLES}
       from ${MEMBERS} join account a on a.id = ra.account_id
      where rr.resource_id = $1 and a.status <> 'deleted'
        and ($2::text is null or (lower(a.email), a.id) > ($2, $3::uuid))
      group by a.id order by lower(a.email), a.id limit $4`,
    values,
  );
  const live = await countLive(idsOf(rows, input.limit), [input.id]);
  return pageOf(rows, input.limit, keyOf, ({ id, email, status, roles }) => ({
    user: { id, email, status },
    roles: roles.map(shown),
    liveSessions: live(id, input.id),
  }));
}

/** One page of the servers that a user may reach, by name. @throws ProblemError 404 */
export async function pageOfUserAccess(
  database: DataSource,
  input: InputOf<typeof listUserAccess>,
  countLive: CountLive,
): Promise<{ items: UserAccess[]; nextCursor?: string }> {
  const values = pageValues(input);
  const known = await database.query<unknown[]>("select 1 from account where id = $1 and status <> 'deleted'", [input.id]);
  if (known.length === 0) throw notFound('user', input.id);
  const rows = await database.query<ServerRow[]>(
    `select s.id, s.name, s.name_key as key, ${ROLES}
       from ${MEMBERS} join resource s on s.id = rr.resource_id
      where ra.account_id = $1 and ($2::text is null or (s.name_key, s.id) > ($2, $3::uuid))
      group by s.id order by s.name_key, s.id limit $4`,
    values,
  );
  const live = await countLive([input.id], idsOf(rows, input.limit));
  return pageOf(rows, input.limit, keyOf, ({ id, name, roles }) => ({
    server: { id, name },
    roles: roles.map(shown),
    liveSessions: live(input.id, id),
  }));
}

/** The object's id, where the page begins, and how many rows are read: one more than it has. */
function pageValues({ id, cursor, limit }: { id: string; cursor?: string | undefined; limit: number }): unknown[] {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, { id: 'uuid' });
  return [id, after?.[0] ?? null, after?.[1] ?? null, limit + 1];
}

const idsOf = (rows: readonly AccessRow[], limit: number): string[] => rows.slice(0, limit).map(({ id }) => id);
const keyOf = ({ key, id }: AccessRow): [string, string] => [key, id];
const shown = ({ id, name, since }: Roles[number]): Roles[number] => ({
  id,
  name,
  since: since === null ? null : new Date(since).toISOString(),
});

import { randomUUID } from 'node:crypto';
import { type InputOf, listRoles, notFound, type OutputOf, type Role, type updateRole } from '@sluice/contracts';
import { nameKey, parseDisplayName } from '@sluice/domain';
import { decodeCursor, pageOf, violatedConstraint } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { type Change, versionConflict } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';
import { type RoleRow, RoleTable } from './role.table.js';

interface ShownRow extends Role {
  name_key: string;
}

/** How many servers and users of a role a response lists, so that a role with thousands fits into one message. */
const MAX_LISTED = 1000;
/** How many servers one role may reach. All their ids must fit into one value of a policy bucket. */
const MAX_SERVERS = 20_000;

const SELECT = `
  select r.id, r.version, r.name, r.name_key,
         (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name) order by m.name_key), '[]')
            from (select s.id, s.name, s.name_key from role_resource rr join resource s on s.id = rr.resource_id
                   where rr.role_id = r.id order by s.name_key limit ${MAX_LISTED}) m) as servers,
         (select count(*)::int from role_resource where role_id = r.id) as "serverCount",
         (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'email', m.email) order by lower(m.email)), '[]')
            from (select a.id, a.email from role_account ra join account a on a.id = ra.account_id
                   where ra.role_id = r.id and a.status <> 'deleted' order by lower(a.email) limit ${MAX_LISTED}) m) as users,
         (select count(*)::int from role_account ra join account a on a.id = ra.account_id
           where ra.role_id = r.id and a.status <> 'deleted') as "userCount"
    from role r`;

const show = ({ name_key: _, ...role }: ShownRow): Role => role;

/** One role. @throws ProblemError 404 */
export async function readRole(tx: EntityManager, id: string): Promise<Role> {
  const [row] = await tx.query<ShownRow[]>(`${SELECT} where r.id = $1`, [id]);
  if (!row) throw notFound('role', id);
  return show(row);
}

/** Adds a role that reaches nothing yet. Its name follows the rules of display names. */
export async function addRoleTo(change: Change, input: { name: string }): Promise<Role> {
  const id = randomUUID();
  const name = accepted(parseDisplayName(input.name));
  try {
    await change.tx.getRepository(RoleTable).insert({ id, version: 1, name, nameKey: nameKey(name) });
  } catch (error) {
    throw nameTaken(error, name);
  }
  const role = await readRole(change.tx, id);
  await change.record('added', { kind: 'role', id, name }, null, role);
  await change.touch('role', id);
  return role;
}

/** Renames a role. Records of sessions that it allowed keep its former name. */
export async function renameRole(change: Change, asked: InputOf<typeof updateRole>): Promise<Role> {
  const before = await lockRole(change.tx, asked);
  const name = accepted(parseDisplayName(asked.name));
  try {
    const renamed = { name, nameKey: nameKey(name), version: before.version + 1 };
    await change.tx.getRepository(RoleTable).update({ id: before.id }, renamed);
  } catch (error) {
    throw nameTaken(error, name);
  }
  const role = await readRole(change.tx, asked.id);
  await change.record('updated', { kind: 'role', id: role.id, name }, before, role);
  await change.touch('role', role.id);
  return role;
}

/** Deletes a role. Its members lose the access that it gave them. */
export async function deleteRoleFrom(change: Change, asked: { id: string; version: number }): Promise<void> {
  const before = await lockRole(change.tx, asked);
  await change.tx.getRepository(RoleTable).delete({ id: before.id });
  await change.record('deleted', { kind: 'role', id: before.id, name: before.name }, before, null);
  await change.touch('role', asked.id);
}

/** @throws ProblemError 404, or 409 if it has changed meanwhile */
async function lockRole(tx: EntityManager, asked: { id: string; version: number }): Promise<Role> {
  const { version } = await lock(tx, asked.id);
  if (version !== asked.version) throw versionConflict('role', asked.version, version);
  return readRole(tx, asked.id);
}

/** @throws ProblemError 404 */
async function lock(tx: EntityManager, id: string): Promise<RoleRow> {
  const row = await tx.getRepository(RoleTable).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!row) throw notFound('role', id);
  return row;
}

const nameTaken = (error: unknown, name: string): unknown =>
  violatedConstraint(error) === 'role_name_unique'
    ? refusedBy({
        code: 'name_taken',
        message: 'there is a role of this name already (names ignore case)',
        field: 'name',
        value: name,
      })
    : error;

/** Where the two kinds of members of a role are stored: servers that it reaches, and users that have it. `find` selects a member as shown in a role. */
const MEMBERS = {
  server: {
    field: 'servers',
    table: 'role_resource',
    column: 'resource_id',
    find: 'select id, name from resource where id = $1',
  },
  user: {
    field: 'users',
    table: 'role_account',
    column: 'account_id',
    find: "select id, email from account where id = $1 and status <> 'deleted'",
  },
} as const;

/** Adds a server or user to a role, or removes it. If that is already the case, nothing is changed or recorded. */
export async function setMember(
  change: Change,
  roleId: string,
  kind: keyof typeof MEMBERS,
  memberId: string,
  present: boolean,
): Promise<Role> {
  const { field, table, column, find } = MEMBERS[kind];
  const { tx } = change;
  const role = await lock(tx, roleId);
  const [member] = await tx.query<{ name?: string; email?: string }[]>(find, [memberId]);
  if (!member) throw notFound(kind, memberId);
  const had = await tx.query<unknown[]>(`select 1 from ${table} where role_id = $1 and ${column} = $2`, [roleId, memberId]);
  const changes = had.length > 0 !== present;
  if (changes) {
    if (present && kind === 'server') await assertNotFull(tx, roleId, role.name);
    await tx.query(
      present
        ? `insert into ${table} (role_id, ${column}) values ($1, $2)`
        : `delete from ${table} where role_id = $1 and ${column} = $2`,
      [roleId, memberId],
    );
    await tx.getRepository(RoleTable).update({ id: roleId }, { version: role.version + 1 });
    const verb = { server: present ? 'granted' : 'revoked', user: present ? 'assigned' : 'unassigned' }[kind];
    const [without, having] = [{ [field]: [] }, { [field]: [member] }];
    const { version } = role;
    await change.record(
      verb,
      { kind: 'role', id: roleId, name: role.name },
      { version, ...(present ? without : having) },
      { version: version + 1, ...(present ? having : without) },
      { kind, id: memberId, name: member.name ?? member.email ?? null },
    );
  }
  // a repeated removal reports whether the relays have applied it by now
  if (changes || !present) await (kind === 'server' ? change.touch('role', roleId) : change.touch('account', memberId));
  return readRole(tx, roleId);
}

/** @throws ProblemError when a role reaches the maximum number of servers */
async function assertNotFull(tx: EntityManager, roleId: string, name: string): Promise<void> {
  const [count] = await tx.query<{ servers: number }[]>('select count(*)::int as servers from role_resource where role_id = $1', [
    roleId,
  ]);
  if (count && count.servers < MAX_SERVERS) return;
  const message = `a role reaches at most ${MAX_SERVERS} servers: divide "${name}" into several`;
  throw refusedBy({ code: 'role_full', message, field: 'id', value: name });
}

/** One page of roles, by name. */
export async function pageOfRoles(database: DataSource, input: InputOf<typeof listRoles>): Promise<OutputOf<typeof listRoles>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
  const rows = await database.query<ShownRow[]>(
    `${SELECT} where ($1::text is null or r.name_key = $1) and ($2::text is null or (r.name_key, r.id::text) > ($2, $3))
      order by r.name_key, r.id limit $4`,
    [input.name === undefined ? null : nameKey(input.name), after?.[0] ?? null, after?.[1] ?? null, input.limit + 1],
  );
  return pageOf(rows, input.limit, (row) => [row.name_key, row.id], show);
}

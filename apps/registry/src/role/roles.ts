import { randomUUID } from 'node:crypto';
import { type InputOf, listRoles, notFound, type OutputOf, type Role } from '@sluice/contracts';
import { nameKey, parseDisplayName } from '@sluice/domain';
import { decodeCursor, pageOf, violatedConstraint } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { Change } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';

interface RoleRow {
  id: string;
  version: number;
  name: string;
  name_key: string;
  servers: Role['servers'];
  users: Role['users'];
}

const SELECT = `
  select r.id, r.version, r.name, r.name_key,
         (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name) order by s.name_key), '[]')
            from role_resource rr join resource s on s.id = rr.resource_id where rr.role_id = r.id) as servers,
         (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'email', a.email) order by lower(a.email)), '[]')
            from role_account ra join account a on a.id = ra.account_id where ra.role_id = r.id and a.status <> 'deleted') as users
    from role r`;

const show = (row: RoleRow): Role => ({
  id: row.id,
  version: row.version,
  name: row.name,
  servers: row.servers,
  users: row.users,
});

async function readRole(tx: EntityManager, id: string): Promise<Role> {
  const [row] = await tx.query<RoleRow[]>(`${SELECT} where r.id = $1`, [id]);
  if (!row) throw notFound('role', id);
  return show(row);
}

/** Adds a role that reaches nothing yet. Its name follows the rules of display names. */
export async function addRoleTo(change: Change, input: { name: string }): Promise<Role> {
  const id = randomUUID();
  const name = accepted(parseDisplayName(input.name));
  try {
    await change.tx.query('insert into role (id, name, name_key) values ($1, $2, $3)', [id, name, nameKey(name)]);
  } catch (error) {
    if (violatedConstraint(error) !== 'role_name_unique') throw error;
    throw refusedBy({
      code: 'name_taken',
      message: 'there is a role of this name already (case does not count)',
      field: 'name',
      value: name,
    });
  }
  const role = await readRole(change.tx, id);
  await change.record('added', { kind: 'role', id, name }, null, role);
  await change.touch('role', id);
  return role;
}

/** Which rows of a role are meant: servers that it reaches, or users that hold it. */
const MEMBERS = {
  server: { table: 'role_resource', column: 'resource_id', exists: 'select 1 from resource where id = $1' },
  user: { table: 'role_account', column: 'account_id', exists: "select 1 from account where id = $1 and status <> 'deleted'" },
} as const;

/** Puts a server or user into a role, or takes it out. Asking for what already holds changes nothing and records nothing. */
export async function setMember(
  change: Change,
  roleId: string,
  kind: keyof typeof MEMBERS,
  memberId: string,
  present: boolean,
): Promise<Role> {
  const { table, column, exists } = MEMBERS[kind];
  const locked = await change.tx.query<unknown[]>('select 1 from role where id = $1 for update', [roleId]);
  if (locked.length === 0) throw notFound('role', roleId);
  if ((await change.tx.query<unknown[]>(exists, [memberId])).length === 0) throw notFound(kind, memberId);
  const before = await readRole(change.tx, roleId);
  const had = (kind === 'server' ? before.servers : before.users).some((member) => member.id === memberId);
  if (had === present) return before;
  await change.tx.query(
    present
      ? `insert into ${table} (role_id, ${column}) values ($1, $2)`
      : `delete from ${table} where role_id = $1 and ${column} = $2`,
    [roleId, memberId],
  );
  await change.tx.query('update role set version = version + 1 where id = $1', [roleId]);
  const after = await readRole(change.tx, roleId);
  const verb = { server: present ? 'granted' : 'revoked', user: present ? 'assigned' : 'unassigned' }[kind];
  await change.record(verb, { kind: 'role', id: roleId, name: after.name }, before, after);
  await (kind === 'server' ? change.touch('role', roleId) : change.touch('account', memberId));
  return after;
}

/** One page of roles, by name. */
export async function pageOfRoles(database: DataSource, input: InputOf<typeof listRoles>): Promise<OutputOf<typeof listRoles>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
  const rows = await database.query<RoleRow[]>(
    `${SELECT} where ($1::text is null or r.name_key = $1) and ($2::text is null or (r.name_key, r.id::text) > ($2, $3))
      order by r.name_key, r.id limit $4`,
    [input.name === undefined ? null : nameKey(input.name), after?.[0] ?? null, after?.[1] ?? null, input.limit + 1],
  );
  return pageOf(rows, input.limit, (row) => [row.name_key, row.id], show);
}

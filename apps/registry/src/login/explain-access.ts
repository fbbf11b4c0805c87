import type { Actor, explainAccess, OutputOf } from '@sluice/contracts';
import type { DataSource } from 'typeorm';

type Access = OutputOf<typeof explainAccess>;

interface TakenAway {
  kind: 'server' | 'role';
  verb: string;
  name: string;
  at: Date;
}

/**
 * Finds the newest activity within a day that took a server ($1) away from an account ($2). Activities list only part of a
 * role with thousands of servers or users, so nothing may be found for those.
 */
const TAKEN_AWAY = `
  select object_kind as kind, verb, object_name as name, at from activity
   where at > now() - interval '1 day' and (
         (object_kind = 'server' and verb = 'deleted' and object_id = $1::text)
      or (object_kind = 'role' and verb = 'revoked'
          and exists (select 1 from role_account where role_id::text = object_id and account_id = $2::uuid) and after->'servers'->'removed' @> jsonb_build_array(jsonb_build_object('id', $1::text)))
      or (object_kind = 'role' and verb = 'unassigned'
          and exists (select 1 from role_resource where role_id::text = object_id and resource_id = $1::uuid) and after->'users'->'removed' @> jsonb_build_array(jsonb_build_object('id', $2::text)))
      or (object_kind = 'role' and verb = 'deleted' and before->'servers' @> jsonb_build_array(jsonb_build_object('id', $1::text))
          and before->'users' @> jsonb_build_array(jsonb_build_object('id', $2::text))))
   order by at desc, id desc limit 1`;

/** Explains why an account may not reach a server: what happened to the server or to roles, but never who did it. */
export async function explainAccessOf(database: DataSource, actor: Actor, serverId: string): Promise<Access> {
  const reachable = await database.query<unknown[]>(
    `select 1 from role_resource rr join role_account ra on ra.role_id = rr.role_id
      where rr.resource_id = $1 and ra.account_id = $2 limit 1`,
    [serverId, actor.accountId],
  );
  if (reachable.length > 0) return { reason: 'reachable', message: 'a role of yours reaches it', at: null };
  const [taken] = await database.query<TakenAway[]>(TAKEN_AWAY, [serverId, actor.accountId]);
  if (!taken) return { reason: 'unknown', message: 'no role of yours reaches it', at: null };
  return { ...explanationOf(taken), at: taken.at.toISOString() };
}

function explanationOf({ kind, verb, name }: TakenAway): Omit<Access, 'at'> {
  if (kind === 'server') return { reason: 'server deleted', message: 'the server was deleted' };
  if (verb === 'deleted') return { reason: 'role deleted', message: `the role ${name} was deleted` };
  if (verb === 'unassigned') return { reason: 'role taken away', message: `the role ${name} was taken away from you` };
  return { reason: 'not in a role', message: `the role ${name} no longer reaches it` };
}

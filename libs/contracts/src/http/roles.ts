import { z } from 'zod';
import { ADMINISTRATORS, Id, operation, page, PageQuery, READERS, Version } from '../operation.js';
import { Withdrawn, withReach } from './reach.js';

const Named = z.object({ id: Id, name: z.string() });

/** A role: the servers that it gives access to, and the users who have it. */
export const Role = z
  .object({
    id: Id,
    version: z.int(),
    name: z.string(),
    servers: z.array(Named).meta({ description: 'the first thousand by name' }),
    serverCount: z.int().optional().meta({ description: 'how many there are' }),
    users: z.array(z.object({ id: Id, email: z.string() })).meta({ description: 'the first thousand by e-mail' }),
    userCount: z.int().optional().meta({ description: 'how many there are' }),
  })
  .meta({ id: 'Role' });
/** A role: the servers that it gives access to, and the users who have it. */
export type Role = z.infer<typeof Role>;

export const addRole = operation({
  id: 'roles.add',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Add a role',
  method: 'POST',
  path: '/roles',
  creates: true,
  input: z.strictObject({ name: z.string().max(2000) }),
  output: Role,
});

export const listRoles = operation({
  id: 'roles.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List roles by name',
  method: 'GET',
  path: '/roles',
  input: PageQuery.extend({ name: z.string().max(2000).optional() }).strict(),
  output: page(Role),
});

export const showRole = operation({
  id: 'roles.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show a role',
  method: 'GET',
  path: '/roles/{id}',
  input: z.strictObject({ id: Id }),
  output: Role,
});

export const updateRole = operation({
  id: 'roles.update',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Rename a role; its servers and members are kept',
  method: 'PATCH',
  path: '/roles/{id}',
  input: z.strictObject({ id: Id, version: z.int().min(1), name: z.string().max(2000) }),
  output: Role,
});

export const deleteRole = operation({
  id: 'roles.delete',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Delete a role, and end the sessions that only this role allowed',
  method: 'DELETE',
  path: '/roles/{id}',
  input: z.strictObject({ id: Id, version: Version }),
  output: Withdrawn,
  awaitsRelays: true,
});

const reach = z.strictObject({ id: Id, serverId: Id });
const member = z.strictObject({ id: Id, userId: Id });
const membership = { owner: 'registry', callers: ADMINISTRATORS, output: Role } as const;
const withdrawal = { ...membership, output: withReach(Role, 'ChangedRole'), awaitsRelays: true } as const;

export const grantRole = operation({
  ...membership,
  id: 'roles.grant',
  summary: 'Give a role access to a server',
  method: 'PUT',
  path: '/roles/{id}/servers/{serverId}',
  input: reach,
});

export const revokeRole = operation({
  ...withdrawal,
  id: 'roles.revoke',
  summary: 'Remove a server from a role',
  method: 'DELETE',
  path: '/roles/{id}/servers/{serverId}',
  input: reach,
});

export const assignRole = operation({
  ...membership,
  id: 'roles.assign',
  summary: 'Assign a role to a user',
  method: 'PUT',
  path: '/roles/{id}/users/{userId}',
  input: member,
});

export const unassignRole = operation({
  ...withdrawal,
  id: 'roles.unassign',
  summary: 'Remove a role from a user',
  method: 'DELETE',
  path: '/roles/{id}/users/{userId}',
  input: member,
});

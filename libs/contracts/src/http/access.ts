import { z } from 'zod';
import { Id, operation, page, PageQuery, READERS } from '../operation.js';

const GivingRole = z.object({
  id: Id,
  name: z.string(),
  since: z
    .string()
    .nullable()
    .meta({ description: 'since when both the user and the server have been in the role; null if this is not known' }),
});
const roles = z.array(GivingRole).meta({ description: 'the roles that give the access, by name' });
const liveSessions = z
  .int()
  .nullable()
  .meta({ description: 'sessions of the user to the server that are running; null if the audit service does not answer' });

/** A user who may reach a server, and by which roles. */
export const ServerAccess = z
  .object({
    user: z.object({
      id: Id,
      email: z.string(),
      status: z.enum(['active', 'suspended']).meta({ description: 'a suspended user cannot connect until they are resumed' }),
    }),
    roles,
    liveSessions,
  })
  .meta({ id: 'ServerAccess' });
/** A user who may reach a server, and by which roles. */
export type ServerAccess = z.infer<typeof ServerAccess>;

/** A server that a user may reach, and by which roles. */
export const UserAccess = z
  .object({ server: z.object({ id: Id, name: z.string() }), roles, liveSessions })
  .meta({ id: 'UserAccess' });
/** A server that a user may reach, and by which roles. */
export type UserAccess = z.infer<typeof UserAccess>;

export const listServerAccess = operation({
  id: 'servers.list-access',
  owner: 'registry',
  callers: READERS,
  summary: 'List the users who may reach a server, with the roles that allow it, by e-mail',
  method: 'GET',
  path: '/servers/{id}/access',
  input: PageQuery.extend({ id: Id }).strict(),
  output: page(ServerAccess),
});

export const listUserAccess = operation({
  id: 'users.list-access',
  owner: 'registry',
  callers: READERS,
  summary:
    'List the servers that a user may reach, with the roles that allow it, by name; a suspended user cannot connect to them',
  method: 'GET',
  path: '/users/{id}/access',
  input: PageQuery.extend({ id: Id }).strict(),
  output: page(UserAccess),
});

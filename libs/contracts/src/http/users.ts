import { z } from 'zod';
import { ADMINISTRATORS, API_ROLES, Id, operation, page, PageQuery, READERS, Version } from '../operation.js';
import { Withdrawn, withReach } from './reach.js';

/** An account that is a person, as administrators see it. */
export const User = z
  .object({
    id: Id,
    version: z.int(),
    email: z.string(),
    apiRole: z.enum(API_ROLES),
    status: z.enum(['active', 'suspended']),
    roles: z.array(z.object({ id: Id, name: z.string() })),
    createdAt: z.string(),
  })
  .meta({ id: 'User' });
/** An account that is a person, as administrators see it. */
export type User = z.infer<typeof User>;

const one = z.strictObject({ id: Id, version: Version });

export const addUser = operation({
  id: 'users.add',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Add a user; if no password is given, one is generated and shown once',
  method: 'POST',
  path: '/users',
  creates: true,
  input: z.strictObject({
    email: z.string().max(1000),
    apiRole: z.enum(API_ROLES).default('user'),
    password: z.string().max(1000).optional(),
  }),
  output: User.extend({
    password: z.string().optional().meta({ description: 'only if it was generated; it is shown once' }),
  }).meta({
    id: 'AddedUser',
  }),
});

export const listUsers = operation({
  id: 'users.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List users by e-mail',
  method: 'GET',
  path: '/users',
  input: PageQuery.extend({ email: z.string().max(1000).optional() }).strict(),
  output: page(User),
});

export const showUser = operation({
  id: 'users.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show a user',
  method: 'GET',
  path: '/users/{id}',
  input: z.strictObject({ id: Id }),
  output: User,
});

export const updateUser = operation({
  id: 'users.update',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: "Change a user's e-mail or API role; absent properties are kept",
  method: 'PATCH',
  path: '/users/{id}',
  input: z.strictObject({
    id: Id,
    version: z.int().min(1),
    email: z.string().max(1000).optional(),
    apiRole: z.enum(API_ROLES).optional(),
  }),
  output: User,
});

export const suspendUser = operation({
  id: 'users.suspend',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Suspend a user and end their sessions',
  method: 'POST',
  path: '/users/{id}/suspend',
  input: one,
  output: withReach(User, 'ChangedUser'),
  awaitsRelays: true,
});

export const resumeUser = operation({
  id: 'users.resume',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Resume a suspended user',
  method: 'POST',
  path: '/users/{id}/resume',
  input: one,
  output: User,
});

export const deleteUser = operation({
  id: 'users.delete',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Delete a user and end their sessions; the records are kept',
  method: 'DELETE',
  path: '/users/{id}',
  input: one,
  output: Withdrawn,
  awaitsRelays: true,
});

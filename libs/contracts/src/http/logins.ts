import { CONNECTIVITY_MODES } from '@sluice/domain';
import { z } from 'zod';
import { ADMINISTRATORS, API_ROLES, EVERYONE, Id, operation, page, PageQuery, READERS } from '../operation.js';
import { AuthorityRecords } from './authority-record.js';
import { Withdrawn } from './reach.js';

const Certified = z.object({
  certificate: z.string().meta({ description: 'PEM, valid for an hour' }),
  ca: z
    .string()
    .meta({ description: 'the authorities whose certificates are accepted, PEM; the first one has signed this certificate' }),
  authorities: AuthorityRecords.optional().meta({
    description: 'the same with the signatures by which they endorse each other; absent in responses of older releases',
  }),
  expiresAt: z.string(),
});
const publicKey = z
  .string()
  .max(2000)
  .meta({ description: 'PEM (SPKI, P-256); the caller generates the key pair and keeps the private key' });

export const logIn = operation({
  id: 'logins.create',
  owner: 'registry',
  callers: 'anybody',
  summary: 'Sign in with e-mail and password',
  method: 'POST',
  path: '/logins',
  input: z.strictObject({ email: z.string().max(1000), password: z.string().max(1000) }),
  output: z
    .object({
      token: z.string().optional().meta({
        description: 'absent if the request asked for a cookie (`sluice-login: cookie`), which no script can read',
      }),
      loginId: Id,
      expiresAt: z.string(),
      account: z.object({ id: Id, email: z.string(), apiRole: z.enum(API_ROLES) }),
    })
    .meta({ id: 'Login' }),
});

export const logOut = operation({
  id: 'logins.end',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Sign out: ends the token, its certificates and the sessions opened with them',
  method: 'DELETE',
  path: '/logins/current',
  input: z.strictObject({}),
  output: Withdrawn,
  awaitsRelays: true,
});

/** A login: who is signed in, since when, and from where. */
export const LoginInfo = z
  .object({
    id: Id,
    createdAt: z.string(),
    address: z.string().nullable().meta({ description: 'client address at sign-in' }),
    lastUsedAt: z.string().nullable().meta({ description: 'rounded to the minute' }),
    lastUsedAddress: z.string().nullable(),
    expiresAt: z.string(),
    current: z.boolean().meta({ description: 'whether this is the login of the request' }),
  })
  .meta({ id: 'LoginInfo' });
/** A login: who is signed in, since when, and from where. */
export type LoginInfo = z.infer<typeof LoginInfo>;

export const listOwnLogins = operation({
  id: 'me.list-logins',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'List my logins that have not ended, newest first',
  method: 'GET',
  path: '/me/logins',
  input: PageQuery.strict(),
  output: page(LoginInfo),
});

export const endOwnLogin = operation({
  id: 'me.end-login',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'End one of my logins, with its token, its certificates and the sessions opened with them',
  method: 'DELETE',
  path: '/me/logins/{id}',
  input: z.strictObject({ id: Id }),
  output: Withdrawn,
  awaitsRelays: true,
});

export const listUserLogins = operation({
  id: 'users.list-logins',
  owner: 'registry',
  callers: READERS,
  summary: 'List the logins of a user that have not ended, newest first',
  method: 'GET',
  path: '/users/{id}/logins',
  input: PageQuery.extend({ id: Id }).strict(),
  output: page(LoginInfo),
});

export const endUserLogin = operation({
  id: 'users.end-login',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'End a login of a user',
  method: 'DELETE',
  path: '/users/{id}/logins/{loginId}',
  input: z.strictObject({ id: Id, loginId: Id }),
  output: Withdrawn,
  awaitsRelays: true,
});

export const certify = operation({
  id: 'me.certify',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Get a short-lived certificate for a key of your own',
  method: 'POST',
  path: '/me/certificates',
  input: z.strictObject({ publicKey }),
  output: Certified.meta({ id: 'Certified' }),
});

/** What an agent needs to serve its account. */
export const AgentFeed = z
  .object({
    organizationId: Id,
    account: z.object({ id: Id, email: z.string(), apiRole: z.enum(API_ROLES) }),
    resources: z.array(
      z.object({
        id: Id,
        name: z.string(),
        type: z.literal('tcp'),
        cluster: z.string(),
        connectivityMode: z.enum(CONNECTIVITY_MODES),
        bindAddress: z.string(),
        port: z.int(),
        hostname: z.string().optional().meta({
          description:
            'what the relay dials: a client that checks TLS names must expect this name; absent in responses of older releases',
        }),
        dns: z.string().nullable().optional().meta({ description: 'its DNS name in virtual network mode' }),
        tags: z.record(z.string(), z.string()),
        health: z.enum(['healthy', 'unhealthy']),
        dialTimeoutSeconds: z.number(),
        keepAliveSeconds: z.number(),
        noDelay: z.boolean(),
      }),
    ),
    gateways: z.array(z.object({ id: Id, address: z.string() })),
    relays: z
      .array(z.object({ id: Id, cluster: z.string(), address: z.string() }))
      .meta({ description: 'relays with a listening address: an agent that can reach one needs no gateway' }),
    keepAliveSeconds: z.number().meta({ description: 'TCP keep-alive of links, seconds' }),
    authorities: z.array(z.string()).optional().meta({
      description:
        'fingerprints of the authorities whose certificates are accepted, first the one that signs: a caller that has others in `ca` asks for a new certificate; absent in responses of older releases',
    }),
    version: z.string().optional().meta({ description: 'version of the whole feed; absent in responses of older releases' }),
    unchanged: z
      .literal(true)
      .optional()
      .meta({ description: 'the feed still has the version in the request; the lists are empty' }),
    next: z.int().optional().meta({ description: 'where the next page begins, if there are more resources: pass it as `from`' }),
  })
  .meta({ id: 'AgentFeed' });
/** What an agent needs to serve its account. */
export type AgentFeed = z.infer<typeof AgentFeed>;

export const showMe = operation({
  id: 'me.show',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Show my account, the servers that I may reach, and the gateways',
  method: 'GET',
  path: '/me',
  input: z.strictObject({
    version: z.string().max(100).optional().meta({ description: 'version that the caller already has' }),
    from: z.coerce.number().int().min(0).optional().meta({ description: '`next` of the previous page of the same version' }),
  }),
  output: AgentFeed,
});

/** Why an account may, or may not, reach a server that it could reach. */
const ACCESS_REASONS = ['reachable', 'server deleted', 'role deleted', 'role taken away', 'not in a role', 'unknown'] as const;

export const explainAccess = operation({
  id: 'me.explain-access',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Show why I can no longer reach a server, if the access was removed within the last day',
  method: 'GET',
  path: '/me/servers/{id}/access',
  input: z.strictObject({ id: Id }),
  output: z
    .object({
      reason: z.enum(ACCESS_REASONS),
      message: z.string(),
      at: z.string().nullable().meta({ description: 'when the access was removed' }),
    })
    .meta({ id: 'Access' }),
});

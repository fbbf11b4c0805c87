import { z } from 'zod';
import { ADMINISTRATORS, Id, operation, page, PageQuery, READERS, QueryBoolean, Version } from '../operation.js';
import { AuthorityRecords } from './authority-record.js';
import { NODE_KINDS } from './node-kinds.js';
import { Withdrawn, withReach } from './reach.js';

/** A gateway or relay as the registry sees it. */
export const Node = z
  .object({
    id: Id,
    version: z.int(),
    name: z.string(),
    kind: z.enum(NODE_KINDS),
    proxyCluster: z.string().nullable(),
    address: z
      .string()
      .nullable()
      .meta({ description: 'host:port for agents, of a gateway or of a relay with a listening address' }),
    state: z
      .enum(['online', 'draining', 'offline'])
      .meta({ description: 'what the node itself reports; `draining`: it accepts nothing new' }),
    drain: z
      .object({
        since: z.string(),
        deadline: z.string().nullable().meta({ description: 'what still runs then is ended; null: it may run until it ends' }),
      })
      .nullable()
      .optional()
      .meta({
        description:
          'set while an administrator wants the node to be drained, also while it is offline; absent in responses of older releases',
      }),
    sessions: z
      .int()
      .nullable()
      .meta({ description: 'running sessions of a relay; open links of a gateway, which cannot see sessions' }),
    bytesPerSecond: z.number().nullable().optional().meta({
      description:
        'bytes of sessions that a relay carries each second, in both directions; null for a gateway, and if it is offline',
    }),
    release: z.string().nullable().optional().meta({ description: 'the release that it runs; null if it has not published it' }),
    upgradeNeeded: z.string().nullable().optional().meta({
      description:
        'the oldest release that this installation works with, if the node runs an older one and is refused; otherwise null',
    }),
    lastSeenAt: z.string().nullable(),
    enrolledAt: z.string(),
  })
  .meta({ id: 'Node' });
/** A gateway or relay as the registry sees it. */
export type Node = z.infer<typeof Node>;

export const listNodes = operation({
  id: 'nodes.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List gateways and relays',
  method: 'GET',
  path: '/nodes',
  input: PageQuery.extend({
    name: z.string().max(200).optional().meta({ description: 'only the node of this name' }),
    gone: QueryBoolean.optional().meta({
      description: '`true`: also relays that enrolled with the key of a cluster, and have stopped or been lost since',
    }),
  }).strict(),
  output: page(Node),
});

export const showNode = operation({
  id: 'nodes.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show a gateway or relay',
  method: 'GET',
  path: '/nodes/{id}',
  input: z.strictObject({ id: Id }),
  output: Node,
});

export const updateNode = operation({
  id: 'nodes.update',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Rename a relay, which has its new name in new records at its next renewal, within 20 minutes',
  method: 'PATCH',
  path: '/nodes/{id}',
  input: z.strictObject({ id: Id, version: z.int().min(1), name: z.string().max(200) }),
  output: Node,
});

export const createNodeToken = operation({
  id: 'nodes.create-token',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Create a one-time token with which a relay can enrol within a day',
  method: 'POST',
  path: '/nodes/tokens',
  creates: true,
  input: z.strictObject({
    name: z.string().max(200).optional().meta({ description: 'name of the relay; if empty, one is assigned' }),
    proxyCluster: z
      .string()
      .max(2000)
      .nullable()
      .optional()
      .meta({ description: 'name or id of its proxy cluster; if empty, the default cluster' }),
  }),
  output: z.object({ token: z.string(), name: z.string(), expiresAt: z.string() }).meta({ id: 'NodeToken' }),
});

export const deleteNode = operation({
  id: 'nodes.delete',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Delete a node and revoke its identity',
  method: 'DELETE',
  path: '/nodes/{id}',
  input: z.strictObject({ id: Id, version: Version }),
  output: Withdrawn,
  awaitsRelays: true,
});

const DrainedNode = withReach(Node, 'DrainedNode');

/** Longest time until the deadline of a drain, in seconds. */
const MAX_DRAIN_SECONDS = 86_400;

export const drainNode = operation({
  id: 'nodes.drain',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary:
    'Take a node out of service: it accepts nothing new, and stays so until it is undrained. Repeated, it replaces the deadline. Who would be cut: GET /sessions?live=true with node=ID of a relay or gateway=ID of a gateway',
  method: 'POST',
  path: '/nodes/{id}/drain',
  input: z.strictObject({
    id: Id,
    version: Version,
    deadlineSeconds: z.int().min(0).max(MAX_DRAIN_SECONDS).nullable().optional().meta({
      description: 'after how long sessions that still run are ended, as `drained`; if empty, they may run until they end',
    }),
  }),
  output: DrainedNode,
  awaitsRelays: true,
});

export const undrainNode = operation({
  id: 'nodes.undrain',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Put a drained node into service again',
  method: 'POST',
  path: '/nodes/{id}/undrain',
  input: z.strictObject({ id: Id, version: Version }),
  output: DrainedNode,
  awaitsRelays: true,
});

/** What a node is given when it enrols or renews. */
export const NodeCredentials = z
  .object({
    nodeId: Id,
    name: z.string(),
    organizationId: Id,
    cluster: z.string(),
    certificate: z.string().meta({ description: 'PEM, valid for a day' }),
    ca: z
      .string()
      .meta({ description: 'the authorities whose certificates are accepted, PEM; the first one has signed this certificate' }),
    authorities: AuthorityRecords.optional().meta({
      description: 'the same with the signatures by which they endorse each other; absent in responses of older releases',
    }),
    nats: z.object({
      servers: z.array(z.string()),
      jwt: z.string(),
      ca: z.string().optional().meta({ description: 'certificate of the authority of the bus, PEM' }),
    }),
    gateways: z
      .array(z.object({ id: Id, address: z.string() }))
      .default([])
      .meta({ description: 'gateways through which the bus can be reached if it cannot be reached directly' }),
    signature: z.string().optional().meta({
      description:
        'base64 ECDSA signature of the authority that has signed the certificate over everything but `authorities`; absent in responses of older releases',
    }),
  })
  .meta({ id: 'NodeCredentials' });
/** What a node is given when it enrols or renews. */
export type NodeCredentials = z.infer<typeof NodeCredentials>;

/** The text that the authority signs of credentials. Of what the authorities say about each other it has nothing, because that is signed too. */
export const credentialsText = ({
  nodeId,
  name,
  organizationId,
  cluster,
  certificate,
  ca,
  nats,
  gateways,
}: NodeCredentials): string =>
  [
    'sluice node credentials 1',
    JSON.stringify([nodeId, name, organizationId, cluster, certificate, ca]),
    JSON.stringify([nats.servers, nats.jwt, nats.ca ?? null]),
    JSON.stringify(gateways.map(({ id, address }) => [id, address])),
    '',
  ].join('\n');

const keys = {
  publicKey: z.string().max(2000).meta({ description: "the node's public key, PEM (SPKI, P-256)" }),
  natsPublicKey: z.string().max(100).meta({ description: "the node's public NATS user key" }),
};

/** Code of the problem when a certificate or an enrolment secret is of an authority that was retired. A retry would not help. */
export const AUTHORITY_RETIRED = 'authority_retired';

export const enrolNode = operation({
  id: 'nodes.enrol',
  owner: 'registry',
  callers: 'anybody',
  summary: 'Enrol a relay with its one-time token, or a worker with the key of its cluster',
  method: 'POST',
  path: '/nodes/enrol',
  creates: true,
  input: z.strictObject({
    secret: z.string().max(200),
    ...keys,
    name: z
      .string()
      .max(200)
      .optional()
      .meta({ description: "name of a worker; assigned if absent. With a one-time token it must be the token's name" }),
  }),
  output: NodeCredentials,
});

/** Code of the problem when a deleted node asks to renew its certificate. A retry would not help. */
export const NODE_DELETED = 'node_deleted';

export const renewNode = operation({
  id: 'nodes.renew',
  owner: 'registry',
  callers: 'anybody',
  summary: 'Renew the credentials of a relay; the request is signed with the key of its current certificate',
  method: 'POST',
  path: '/nodes/renew',
  input: z.strictObject({
    certificate: z.string().max(4000),
    ...keys,
    at: z.string().max(40).meta({ description: 'current time, ISO 8601; at most five minutes from the time of the registry' }),
    signature: z.string().max(200).meta({ description: 'base64 ECDSA signature of certificate, keys and time, one per line' }),
  }),
  output: NodeCredentials,
});

/** The bytes that a renewal signs. */
export const renewalBytes = (of: { certificate: string; publicKey: string; natsPublicKey: string; at: string }): string =>
  ['sluice node renewal v1', of.certificate, of.publicKey, of.natsPublicKey, of.at].join('\n');

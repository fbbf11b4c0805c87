import { CHECK_MODES, CONNECTIVITY_MODES, HEALTH_KINDS, parseTagFilter, SERVER_TYPES } from '@sluice/domain';
import { z } from 'zod';
import { ADMINISTRATORS, Id, operation, page, PageQuery, READERS, several, Version } from '../operation.js';
import { ServerCheck, ServerHealth } from './health.js';
import { TlsStart } from './tls.js';
import { Withdrawn, withReach } from './reach.js';
import { CheckSettingsShape, SessionSettingsShape } from './settings.js';

const Tags = z.record(z.string(), z.string());
const nullable = <T extends z.ZodType>(of: T) => of.nullable();
const { shape } = SessionSettingsShape.extend(CheckSettingsShape.shape);
const OwnSettings = z.object({
  dialTimeoutSeconds: nullable(shape.dialTimeoutSeconds),
  idleTimeoutSeconds: nullable(shape.idleTimeoutSeconds),
  maxSessionSeconds: nullable(shape.maxSessionSeconds),
  keepAliveSeconds: nullable(shape.keepAliveSeconds),
  noDelay: nullable(shape.noDelay),
  sessionsPerServer: nullable(shape.sessionsPerServer),
  checkIntervalSeconds: nullable(shape.checkIntervalSeconds),
  checkBudgetSeconds: nullable(shape.checkBudgetSeconds),
});

/** A resource as administrators see it. */
export const Server = z
  .object({
    id: Id,
    version: z.int(),
    name: z.string(),
    type: z.literal('tcp'),
    proxyCluster: z.string().nullable().meta({ description: 'null: the relays of the default cluster ("None (use gateways)")' }),
    hostname: z.string(),
    port: z.int(),
    connectivityMode: z.enum(CONNECTIVITY_MODES),
    bindAddress: z.string(),
    portOverride: z.int(),
    dns: z.string().nullable(),
    tags: Tags,
    settings: OwnSettings.meta({ description: "the server's own values; null: the organization's" }),
    proxyProtocol: z.boolean().meta({ description: "the server receives the client's address in a PROXY protocol v2 header" }),
    check: z.enum(CHECK_MODES).meta({
      description:
        'how relays check it: off (only sessions show its health), connect, or greeting (it must also send data within 2 s, as SSH, SMTP and MySQL do)',
    }),
    health: ServerHealth,
    createdAt: z.string(),
  })
  .meta({ id: 'Server' });
/** A resource as administrators see it. */
export type Server = z.infer<typeof Server>;

/** The domain checks each field, so that every rule has its own error. */
const fields = {
  hostname: z.string().max(2000),
  port: z.number().optional().meta({ description: 'exactly one port, 1-65535; default 49150' }),
  proxyCluster: z.string().nullable().optional(),
  connectivityMode: z.string().max(100).optional().meta({ description: 'loopback (default) or virtual-network' }),
  bindAddress: z.string().max(200).nullable().optional().meta({ description: 'assigned if absent' }),
  portOverride: z.number().nullable().optional().meta({ description: 'assigned if absent; -1 on update assigns a new one' }),
  dns: z.string().max(1000).nullable().optional(),
  tags: Tags.optional(),
  settings: OwnSettings.partial()
    .strict()
    .optional()
    .meta({ description: "the server's own values; null: use the organization's; absent values are kept" }),
  proxyProtocol: z.boolean().optional().meta({ description: 'default false' }),
  check: z.string().max(100).optional().meta({ description: 'off, connect (default) or greeting' }),
};

const newServer = z.strictObject({ name: z.string().max(2000), type: z.literal('tcp').default('tcp'), ...fields });

export const addServer = operation({
  id: 'servers.add',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Add a TCP server',
  method: 'POST',
  path: '/servers',
  creates: true,
  input: newServer,
  output: Server,
});

export const previewServer = operation({
  id: 'servers.preview',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Validate a server without adding it, and show where clients would find it',
  method: 'POST',
  path: '/servers/preview',
  input: newServer,
  output: z.object({ bindAddress: z.string(), portOverride: z.int(), dns: z.string().nullable() }).meta({ id: 'ServerPreview' }),
});

const TagFilters = several(z.string().max(320), 20).refine(
  (tags) => tags.every((tag) => parseTagFilter(tag) !== undefined),
  'is key=value, or a key alone',
);

export const listServers = operation({
  id: 'servers.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List servers by name; all filters must match',
  method: 'GET',
  path: '/servers',
  input: PageQuery.extend({
    name: z.string().max(2000).optional().meta({ description: 'only the server of this name' }),
    search: z.string().max(200).optional().meta({
      description: 'words, each of which must be part of the name, endpoint, address for clients or a tag, in any case',
    }),
    tag: TagFilters.optional().meta({
      description: 'key=value, or a key alone for any value; if given several times, all must match',
    }),
    health: z.enum(HEALTH_KINDS).optional().meta({
      description:
        'healthy, unhealthy (no relay could reach it), or unchecked (no relay has tried yet; `health` of such a server is unhealthy)',
    }),
    type: z.enum(SERVER_TYPES).optional(),
    proxyCluster: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'name or id of the proxy cluster that reaches it; `default`: servers without one' }),
  }).strict(),
  output: page(Server),
});

export const showServer = operation({
  id: 'servers.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show a server with its health per node',
  method: 'GET',
  path: '/servers/{id}',
  input: z.strictObject({ id: Id }),
  output: Server,
});

export const updateServer = operation({
  id: 'servers.update',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Change a server; absent properties are kept',
  method: 'PATCH',
  path: '/servers/{id}',
  input: z.strictObject({
    id: Id,
    version: z.int().min(1),
    name: z.string().max(2000).optional(),
    ...fields,
    hostname: fields.hostname.optional(),
  }),
  output: withReach(Server, 'ChangedServer'),
  awaitsRelays: true,
});

export const deleteServer = operation({
  id: 'servers.delete',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Delete a server and end its sessions',
  method: 'DELETE',
  path: '/servers/{id}',
  input: z.strictObject({ id: Id, version: Version }),
  output: Withdrawn,
  awaitsRelays: true,
});

export const checkServer = operation({
  id: 'servers.check',
  owner: 'health',
  callers: ADMINISTRATORS,
  summary: 'Check a server now, or show its last check if the budget does not allow another one yet',
  method: 'POST',
  path: '/servers/{id}/check',
  input: z.strictObject({
    id: Id,
    tls: TlsStart.optional().meta({
      description:
        'also try a TLS handshake, and show the certificate: `direct`: TLS from the first byte; `postgresql`: after the request of PostgreSQL; others that begin without TLS, such as MySQL, are not known',
    }),
  }),
  output: ServerCheck,
});

import { CHECK_MODES, DEFAULT_SETTINGS } from '@sluice/domain';
import { z } from 'zod';
import { NODE_KINDS } from '../http/node-kinds.js';
import { CheckSettingsShape, OrganizationSettingsShape, SessionSettingsShape } from '../http/settings.js';

/**
 * What the policy buckets hold: one key per object, `<kind>.<id>`.
 *
 *   policy_<cluster>   settings, resource (its own), account, role, gateway, revoked,   read by the relays of the cluster
 *                      drain (its own relays, and gateways)
 *   gateway_policy     settings, revoked, drain (gateways)                              read by gateways
 *   health_policy      settings, resource                                               read by the health service
 *
 * Every value carries the revision of its publication, which only increases. A removal is a value too (a tombstone), so that
 * a reader can distinguish an old value from a new one.
 */
export const POLICY_KINDS = ['revoked', 'settings', 'resource', 'account', 'role', 'gateway', 'drain'] as const;
/** Kinds of object in a policy bucket. */
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** The bucket that the relays of a cluster read. */
export const policyBucket = (cluster: string): string => `policy_${cluster}`;
/** The bucket that gateways read. */
export const GATEWAY_BUCKET = 'gateway_policy';
/** The bucket that the health service reads. */
export const HEALTH_POLICY_BUCKET = 'health_policy';
/** Key of the heartbeat: written only when every change before it is in the bucket. */
export const HEARTBEAT_KEY = 'heartbeat';
/** How often the heartbeat is written, in milliseconds. */
export const HEARTBEAT_INTERVAL_MS = 1000;

/** The id of the only entry of its kind. */
export const SETTINGS_ID = 'organization';
/** `virtualSubnet`: addresses that exist on clients' machines only, so no relay may dial them. An older registry sends neither it nor the settings of checks. */
const PolicySettings = OrganizationSettingsShape.extend({
  checkIntervalSeconds: CheckSettingsShape.shape.checkIntervalSeconds.default(DEFAULT_SETTINGS.checkIntervalSeconds),
  checkBudgetSeconds: CheckSettingsShape.shape.checkBudgetSeconds.default(DEFAULT_SETTINGS.checkBudgetSeconds),
  id: z.literal(SETTINGS_ID),
  virtualSubnet: z.string().max(200).optional(),
  authorities: z.array(z.string()).optional(), // fingerprints of those that are accepted, first the one that signs; absent from an older registry
});
const PolicyResource = z.object({
  id: z.string(),
  name: z.string(),
  cluster: z.string(),
  hostname: z.string(),
  port: z.int(),
  tags: z.record(z.string(), z.string()),
  settings: SessionSettingsShape.extend(CheckSettingsShape.shape).partial(),
  proxyProtocol: z.boolean(),
  clientNames: z.array(z.string().max(300)).max(5).optional(), // absent from an older registry
  check: z.enum(CHECK_MODES).optional().catch(undefined), // absent from an older registry
});
const PolicyAccount = z.object({ id: z.string(), email: z.string(), roles: z.array(z.string()) });
const PolicyRole = z.object({ id: z.string(), name: z.string(), resources: z.array(z.string()) });
const PolicyGateway = z.object({ id: z.string(), address: z.string() });
/** A node that is being drained. `cluster` is that of a relay. What still runs at the deadline is ended; null: it may run until it ends. */
const PolicyDrain = z.object({
  id: z.string(),
  kind: z.enum(NODE_KINDS),
  cluster: z.string().nullable(),
  deadline: z.iso.datetime().nullable(),
});
/**
 * `kind` says what the revoked id names. `issued` revokes every certificate issued between two times (milliseconds since 1970),
 * which the registry does not know because it was restored from a backup.
 */
const Revoked = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['account', 'login', 'node']), id: z.string() }),
  z.object({ kind: z.literal('issued'), id: z.string(), from: z.number(), until: z.number() }),
]);

/** A value of a policy bucket. */
export const PolicyEntry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('settings'), value: PolicySettings }),
  z.object({ kind: z.literal('resource'), value: PolicyResource }),
  z.object({ kind: z.literal('account'), value: PolicyAccount }),
  z.object({ kind: z.literal('role'), value: PolicyRole }),
  z.object({ kind: z.literal('gateway'), value: PolicyGateway }),
  z.object({ kind: z.literal('drain'), value: PolicyDrain }),
  z.object({ kind: z.literal('revoked'), value: Revoked }),
]);
/** A value of a policy bucket. */
export type PolicyEntry = z.infer<typeof PolicyEntry>;

/** The value of each kind of entry. */
export interface PolicyValues {
  settings: z.infer<typeof PolicySettings>;
  resource: z.infer<typeof PolicyResource>;
  account: z.infer<typeof PolicyAccount>;
  role: z.infer<typeof PolicyRole>;
  gateway: z.infer<typeof PolicyGateway>;
  drain: z.infer<typeof PolicyDrain>;
  revoked: z.infer<typeof Revoked>;
}

/** The value of a key: an entry, or a tombstone (null). `changedAt` is when the change was committed. */
export const PolicyValue = z.object({ revision: z.int(), changedAt: z.string(), entry: PolicyEntry.nullable() });
/** The value of a key: an entry, or a tombstone (null). */
export type PolicyValue = z.infer<typeof PolicyValue>;

/** The heartbeat. A reader measures its age on its own monotonic clock from when it arrived. */
export const Heartbeat = z.object({ revision: z.int(), at: z.string() });

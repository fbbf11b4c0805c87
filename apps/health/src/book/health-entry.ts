import { ResourceHealthChanged, ServerHealth } from '@sluice/contracts';
import { isFlapping, recentChanges, type ServerChecks, stateOf, UNCHECKED } from '@sluice/domain';
import { z } from 'zod';

const Time = z.number();
const StoredNode = z.object({
  state: z.enum(['unknown', 'healthy', 'unhealthy']),
  failuresInARow: z.int().min(0),
  askedAt: Time.optional(),
  checkedAt: Time.optional(),
  lastError: z.string().optional(),
  lastErrorAt: Time.optional(),
  roundTripMs: z.number().optional(),
});
const StoredEntry = z.object({
  endpoint: z.string(),
  checks: z.object({
    nodes: z.record(z.string(), StoredNode),
    failuresInARow: z.int().min(0),
    timedFrom: Time.optional(),
    jitter: z.number(),
    askedAt: Time.optional(),
    changes: z.array(Time),
  }),
  names: z.record(z.string(), z.string()),
  pending: ResourceHealthChanged.extend({ heldBy: z.string() }).optional(),
});

/** The state of one server's health, which all copies of this service share. */
export interface HealthEntry {
  /** The endpoint that the results are about. Results of another endpoint are dropped. */
  readonly endpoint: string;
  readonly checks: ServerChecks;
  /** Names of the nodes, by id. */
  readonly names: Readonly<Record<string, string>>;
  /** The latest change until its fact is stored, and the copy that publishes it: if that is killed another one can. */
  readonly pending?: (ResourceHealthChanged & { readonly heldBy: string }) | undefined;
}

/** A value of the bucket: what people see, which the registries read, and the entry that this service continues from. */
export interface HealthValue {
  readonly shown: ServerHealth;
  readonly entry: HealthEntry;
}

const StoredValue = ServerHealth.extend({ entry: StoredEntry });

/** Parses a value of the bucket; undefined if it is null, or was written by a release that stored no entry. */
export function readValue(stored: unknown): HealthValue | undefined {
  const value = StoredValue.safeParse(stored);
  if (!value.success) return undefined;
  const { entry, ...shown } = value.data;
  return { entry, shown };
}

/** Serializes a value for the bucket. */
export const writeValue = ({ shown, entry }: HealthValue): string => JSON.stringify({ ...shown, entry });

/** The entry of a server at an endpoint: a new one if there is none, or one of another endpoint, but the budget is kept. */
export function entryAt(endpoint: string, present: HealthValue | undefined): HealthEntry {
  if (present?.entry.endpoint === endpoint) return present.entry;
  return { endpoint, checks: { ...UNCHECKED, askedAt: present?.entry.checks.askedAt }, names: {} };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A server's health as people see it. */
export function showHealth({ checks, names }: HealthEntry, now: number): ServerHealth {
  const nodes = Object.entries(checks.nodes).map(([nodeId, health]) => ({
    nodeId,
    nodeName: names[nodeId] ?? nodeId,
    state: health.state,
    ...(health.checkedAt === undefined ? {} : { checkedAt: iso(health.checkedAt) }),
    ...(health.roundTripMs === undefined ? {} : { roundTripMs: health.roundTripMs }),
    ...(health.lastError === undefined ? {} : { lastError: health.lastError }),
    ...(health.lastErrorAt === undefined ? {} : { lastErrorAt: iso(health.lastErrorAt) }),
  }));
  const flapping = isFlapping(checks.changes, now) ? { flapping: recentChanges(checks.changes, now).map(iso) } : {};
  return { state: stateOf(checks), nodes, ...flapping };
}

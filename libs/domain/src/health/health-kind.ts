/** Kinds of health: a relay reaches the server, no relay does, or none has tried yet. */
export const HEALTH_KINDS = ['healthy', 'unhealthy', 'unchecked'] as const;
/** Kind of health of a server. */
export type HealthKind = (typeof HEALTH_KINDS)[number];

/** The kind of health of a server. In the API, a server that no relay has tried yet is unhealthy; this distinguishes it. */
export function healthKind(health: {
  readonly state: 'healthy' | 'unhealthy';
  readonly nodes: readonly { readonly state: 'unknown' | 'healthy' | 'unhealthy' }[];
}): HealthKind {
  if (health.state === 'healthy') return 'healthy';
  return health.nodes.some(({ state }) => state === 'unhealthy') ? 'unhealthy' : 'unchecked';
}

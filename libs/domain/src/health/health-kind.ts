/** What the health of a server looks like: whether a relay reaches it, or none does, or none has tried yet. */
export const HEALTH_KINDS = ['healthy', 'unhealthy', 'unchecked'] as const;
/** What the health of a server looks like. */
export type HealthKind = (typeof HEALTH_KINDS)[number];

/** What the health of a server looks like: one that no relay has reached counts as unhealthy, although perhaps none has tried yet. */
export function healthKind(health: {
  readonly state: 'healthy' | 'unhealthy';
  readonly nodes: readonly { readonly state: 'unknown' | 'healthy' | 'unhealthy' }[];
}): HealthKind {
  if (health.state === 'healthy') return 'healthy';
  return health.nodes.some(({ state }) => state === 'unhealthy') ? 'unhealthy' : 'unchecked';
}

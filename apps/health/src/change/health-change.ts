import type { ResourceHealthChanged, ServerHealth } from '@sluice/contracts';

/**
 * The fact that what people see of a server has changed; undefined if it has not. While a server is flapping only the beginning and
 * the end of that are facts.
 */
export function changeOf(
  resourceId: string,
  before: ServerHealth | undefined,
  { state, nodes, flapping }: ServerHealth,
  at: Date,
): ResourceHealthChanged | undefined {
  const turned = state !== (before?.state ?? 'unhealthy');
  const flappingTurned = (flapping === undefined) !== (before?.flapping === undefined);
  if (!flappingTurned && (!turned || flapping !== undefined)) return undefined;
  const lastFailed = [...nodes].sort((a, b) => (b.lastErrorAt ?? '').localeCompare(a.lastErrorAt ?? ''))[0];
  const why = state === 'healthy' ? null : (lastFailed?.lastError ?? 'no relay of its proxy cluster has checked it');
  return { resourceId, state, why, at: at.toISOString(), ...(flapping === undefined ? {} : { flapping }) };
}

import { randomUUID } from 'node:crypto';
import { DEFAULT_CLUSTER, idsNamed } from '@sluice/contracts';
import { isUuid, type SessionFilter } from '@sluice/domain';
import type { Bus } from '@sluice/messaging';

/** A filter whose gateway and proxy cluster, which people name by name or id, are ids as records have them. */
export type FilterOfIds = Omit<SessionFilter, 'gateway' | 'proxyCluster'> & {
  readonly gateways?: readonly string[] | undefined;
  readonly proxyClusters?: readonly string[] | undefined;
};

/** Asks which ids have names. */
export type AskIds = (names: { gateways: string[]; proxyClusters: string[] }) => Promise<{
  gateways: { name: string; ids: string[] }[];
  proxyClusters: { name: string; ids: string[] }[];
}>;

/** Asks the registry, which owns these names. */
export const askRegistry =
  (bus: Bus): AskIds =>
  (names) =>
    bus.call(idsNamed, names, { requestId: randomUUID() });

/** Makes the error for a name that nothing has. @param at which filter has it */
type RefuseName = (at: number, field: 'gateway' | 'proxyCluster', name: string) => Error;

/** What can only be an id: then nobody needs to be asked. */
const CLUSTER_ID = /^c[\da-f]{12}$/;

/**
 * The same filters with ids in place of the names of gateways and proxy clusters. What is given may be an id too, also of what the registry no longer has.
 * @param refuse without it, a name that nothing has finds nothing
 * @throws Error if the registry must be asked and does not respond, and what `refuse` makes
 */
export async function withIds(filters: readonly SessionFilter[], ask: AskIds, refuse?: RefuseName): Promise<FilterOfIds[]> {
  const gateways = namesIn(filters.map(({ gateway }) => gateway)).filter((name) => !isUuid(name));
  const proxyClusters = namesIn(filters.map(({ proxyCluster }) => proxyCluster)).filter(
    (name) => name !== DEFAULT_CLUSTER && !CLUSTER_ID.test(name),
  );
  const known =
    gateways.length + proxyClusters.length === 0 ? { gateways: [], proxyClusters: [] } : await ask({ gateways, proxyClusters });
  const idsOf = (at: number, field: 'gateway' | 'proxyCluster', given: string): string[] => {
    const named = (field === 'gateway' ? known.gateways : known.proxyClusters).find(({ name }) => name === given);
    if (named?.ids.length === 0 && refuse) throw refuse(at, field, given);
    return [...new Set([given, ...(named?.ids ?? [])])];
  };
  return filters.map(({ gateway, proxyCluster, ...filter }, at) => ({
    ...filter,
    ...(gateway !== undefined && { gateways: idsOf(at, 'gateway', gateway) }),
    ...(proxyCluster !== undefined && { proxyClusters: idsOf(at, 'proxyCluster', proxyCluster) }),
  }));
}

const namesIn = (given: readonly (string | undefined)[]): string[] => [...new Set(given.filter((name) => name !== undefined))];

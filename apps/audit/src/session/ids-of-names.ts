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

/** What can only be an id: then nobody needs to be asked. */
const CLUSTER_ID = /^c[\da-f]{12}$/;

/** The same filters with ids in place of the names of gateways and proxy clusters. What is given may be an id too, also of what the registry no longer has. @throws Error if it must be asked and does not respond */
export async function withIds(filters: readonly SessionFilter[], ask: AskIds): Promise<FilterOfIds[]> {
  const gateways = namesIn(filters.map(({ gateway }) => gateway)).filter((name) => !isUuid(name));
  const proxyClusters = namesIn(filters.map(({ proxyCluster }) => proxyCluster)).filter(
    (name) => name !== DEFAULT_CLUSTER && !CLUSTER_ID.test(name),
  );
  const known =
    gateways.length + proxyClusters.length === 0 ? { gateways: [], proxyClusters: [] } : await ask({ gateways, proxyClusters });
  const idsOf = (given: string, named: { name: string; ids: string[] }[]): string[] => [
    ...new Set([given, ...(named.find(({ name }) => name === given)?.ids ?? [])]),
  ];
  return filters.map(({ gateway, proxyCluster, ...filter }) => ({
    ...filter,
    ...(gateway !== undefined && { gateways: idsOf(gateway, known.gateways) }),
    ...(proxyCluster !== undefined && { proxyClusters: idsOf(proxyCluster, known.proxyClusters) }),
  }));
}

const namesIn = (given: readonly (string | undefined)[]): string[] => [...new Set(given.filter((name) => name !== undefined))];

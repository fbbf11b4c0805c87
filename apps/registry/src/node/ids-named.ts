import type { idsNamed, InputOf, OutputOf } from '@sluice/contracts';
import { nameKey } from '@sluice/domain';
import type { EntityManager } from 'typeorm';

/** The most gateways of one name: the one that has it, and those that had it before they were deleted. */
const MOST_GATEWAYS = 20;

/** The ids of the gateways and proxy clusters that have these names; names ignore case. */
export async function readIdsNamed(
  tx: Pick<EntityManager, 'query'>,
  { gateways, proxyClusters }: InputOf<typeof idsNamed>,
): Promise<OutputOf<typeof idsNamed>> {
  const idsOf = async (name: string, sql: string, values: unknown[]) => ({
    name,
    ids: (await tx.query<{ id: string }[]>(sql, values)).map(({ id }) => id),
  });
  const gateway = `select id::text from node where kind = 'gateway' and lower(name) = lower($1)
    order by deleted_at desc nulls first limit ${MOST_GATEWAYS}`;
  return {
    gateways: await Promise.all(gateways.map((name) => idsOf(name, gateway, [name]))),
    proxyClusters: await Promise.all(
      proxyClusters.map((name) => idsOf(name, 'select id from proxy_cluster where name_key = $1', [nameKey(name)])),
    ),
  };
}

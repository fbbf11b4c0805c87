import type { EntityManager } from 'typeorm';
import { lockAssignment } from '../settings/validate-network.js';
import type { Occupied } from './resource-properties.js';
import type { ResourceRow } from './resource.table.js';

/** How long a place that a server has left is given to no other: its clients have it in their settings, and would reach that one. */
const COOL_DOWN = '24 hours';

interface PortsRow {
  readonly at: string;
  readonly ports: number[];
}

/** Where resources besides one are bound, or were until lately. Nobody else assigns places until the end of the transaction. */
export async function occupiedBesides(tx: EntityManager, id: string): Promise<Occupied> {
  await lockAssignment(tx);
  const taken = await tx.query<PortsRow[]>( // a row an address: one a server takes most of the time of adding one
    'select bind_address as at, array_agg(port_override) as ports from resource where id <> $1 group by bind_address',
    [id],
  );
  const recent = await tx.query<PortsRow[]>(
    'select bind_address as at, array_agg(port_override) as ports from released_place where released_at > now() - $1::interval group by bind_address',
    [COOL_DOWN],
  );
  const [ports, recentPorts] = [taken, recent].map((rows) => new Map(rows.map((row) => [row.at, new Set(row.ports)])));
  return {
    addresses: new Set(ports?.keys()),
    portsOf: (address) => ports?.get(address) ?? new Set(),
    recentAddresses: new Set(recentPorts?.keys()),
    recentPortsOf: (address) => recentPorts?.get(address) ?? new Set(),
  };
}

/** Keeps the place of a server that was deleted or moved from being assigned for a while. */
export async function releasePlace(
  tx: EntityManager,
  { bindAddress, portOverride }: Pick<ResourceRow, 'bindAddress' | 'portOverride'>,
): Promise<void> {
  await tx.query('delete from released_place where released_at <= now() - $1::interval', [COOL_DOWN]);
  await tx.query(
    `insert into released_place (bind_address, port_override) values ($1, $2)
     on conflict (bind_address, port_override) do update set released_at = now()`,
    [bindAddress, portOverride],
  );
}

import { domainToASCII } from 'node:url';
import { ProblemError } from '@sluice/contracts';
import {
  type ConnectivityMode,
  dnsFits,
  type NetworkSettings,
  neverDialled,
  parseBlock,
  parseDnsZones,
  parseLoopbackRange,
  parseVirtualSubnet,
  rangeHolds,
  rangeOf,
} from '@sluice/domain';
import type { EntityManager } from 'typeorm';
import { accepted } from '../change/refused.js';

/** Key of the advisory lock under which addresses and ports are assigned, or their ranges changed. Constraints guard uniqueness independently of it. */
const ASSIGNING = 7220;

/** Takes the lock for assigning addresses until the end of the transaction. */
export const lockAssignment = (tx: EntityManager): Promise<unknown> => tx.query('select pg_advisory_xact_lock($1)', [ASSIGNING]);

interface Placed {
  readonly name: string;
  readonly connectivity_mode: ConnectivityMode;
  readonly bind_address: string;
  readonly hostname: string;
  readonly dns: string | null;
}

/** Checks requested network settings, and that every server fits into them. @throws ProblemError that names a server which does not */
export async function validateNetwork(
  tx: EntityManager,
  asked: Partial<NetworkSettings>,
  present: NetworkSettings,
): Promise<Partial<NetworkSettings>> {
  const { loopbackRange, virtualNetworking, virtualSubnet, dnsZones } = asked;
  const valid: Partial<NetworkSettings> = {
    ...(loopbackRange === undefined ? {} : { loopbackRange: accepted(parseLoopbackRange(loopbackRange)) }),
    ...(virtualNetworking === undefined ? {} : { virtualNetworking }),
    ...(virtualSubnet === undefined ? {} : { virtualSubnet: accepted(parseVirtualSubnet(virtualSubnet)) }),
    ...(dnsZones === undefined ? {} : { dnsZones: accepted(parseDnsZones(dnsZones, domainToASCII)) }),
  };
  if (Object.keys(valid).length === 0) return valid;
  await lockAssignment(tx);
  const after = { ...present, ...valid };
  const servers = await tx.query<Placed[]>(
    'select name, connectivity_mode, bind_address, hostname, dns from resource order by name_key',
  );
  for (const server of servers) {
    const outside = whatIsOutside(server, after) ?? whatIsCutOff(server, present, after);
    if (!outside) continue;
    throw new ProblemError(409, 'network_in_use', `the server ${server.name} ${outside.why}; change it first`, {
      field: outside.field,
      value: String(after[outside.field]),
    });
  }
  return valid;
}

function whatIsOutside(server: Placed, network: NetworkSettings): { field: keyof NetworkSettings; why: string } | undefined {
  const mode = server.connectivity_mode;
  if (mode === 'virtual-network' && !network.virtualNetworking)
    return { field: 'virtualNetworking', why: 'is in virtual network mode' };
  if (!rangeHolds(rangeOf(mode, network), server.bind_address)) {
    const field = mode === 'loopback' ? 'loopbackRange' : 'virtualSubnet';
    return { field, why: `has the address ${server.bind_address}, which would be outside` };
  }
  if (server.dns !== null && !dnsFits(server.dns, server.hostname, network.dnsZones))
    return { field: 'dnsZones', why: `has the DNS name ${server.dns}, which would be in no zone` };
  return undefined;
}

/**
 * Finds out whether a change would make a server unreachable: whether its hostname would become an address in the virtual
 * subnet, which relays do not dial because those addresses exist on clients' machines only.
 */
function whatIsCutOff({ hostname }: Placed, before: NetworkSettings, after: NetworkSettings) {
  const isDialled = ({ virtualSubnet }: NetworkSettings) => neverDialled(hostname, parseBlock(virtualSubnet)) === undefined;
  if (!isDialled(before) || isDialled(after)) return undefined;
  return { field: 'virtualSubnet', why: `has the hostname ${hostname}, which no relay would dial any more` } as const;
}

import { domainToASCII } from 'node:url';
import { DEFAULT_CLUSTER } from '@sluice/contracts';
import {
  accept,
  assignBindAddress,
  assignPortOverride,
  CHECK_MODES,
  type CheckMode,
  CONNECTIVITY_MODES,
  type ConnectivityMode,
  DEFAULT_PORT,
  nameKey,
  type NetworkSettings,
  neverDialled,
  type Outcome,
  parseBindAddress,
  parseBlock,
  parseDisplayName,
  parseDnsName,
  parseHostname,
  parsePort,
  parsePortOverride,
  parseTags,
  rangeOf,
  refuse,
} from '@sluice/domain';
import { accepted } from '../change/refused.js';
import { type AskedSettings, validateOwnSettings } from '../settings/validate-settings.js';
import type { ResourceRow } from './resource.table.js';

/** Requested properties of a resource; those that are absent keep their present value or get a default. */
export interface AskedProperties {
  readonly name?: string | undefined;
  readonly hostname?: string | undefined;
  readonly port?: number | undefined;
  /** Id of an existing cluster. */
  readonly clusterId?: string | undefined;
  readonly connectivityMode?: string | undefined;
  readonly bindAddress?: string | null | undefined;
  readonly portOverride?: number | null | undefined;
  readonly dns?: string | null | undefined;
  readonly tags?: Record<string, string> | undefined;
  readonly settings?: AskedSettings | undefined;
  readonly proxyProtocol?: boolean | undefined;
  readonly check?: string | undefined;
}

/** Where other resources are bound, or were until lately, so that a place can be assigned that is free. */
export interface Occupied {
  readonly addresses: ReadonlySet<string>;
  portsOf(address: string): ReadonlySet<number>;
  /** Ports at which clients of another resource may still look for it. They are assigned only if no others are left. */
  recentPortsOf(address: string): ReadonlySet<number>;
  /** Addresses that have such ports. */
  readonly recentAddresses: ReadonlySet<string>;
}

type Properties = Omit<ResourceRow, 'id' | 'version' | 'createdAt'>;
type Place = Pick<Properties, 'connectivityMode' | 'bindAddress' | 'portOverride'>;

/** Checks requested properties against all rules, and assigns an address and port if none were requested. @throws ProblemError */
export function determineProperties(
  asked: AskedProperties,
  present: Properties | undefined,
  network: NetworkSettings,
  occupied: Occupied,
): Properties {
  const name = asked.name === undefined && present ? present.name : accepted(parseDisplayName(asked.name ?? ''));
  const hostname =
    asked.hostname === undefined && present ? present.hostname : accepted(parseEndpoint(asked.hostname ?? '', network));
  const port = asked.port === undefined ? (present?.port ?? DEFAULT_PORT) : accepted(parsePort(asked.port));
  const place = determinePlace(asked, present, port, network, occupied);
  return {
    name,
    nameKey: nameKey(name),
    clusterId: asked.clusterId ?? present?.clusterId ?? DEFAULT_CLUSTER,
    hostname,
    port,
    ...place,
    dns: determineDns(asked.dns === undefined ? (present?.dns ?? null) : asked.dns, place.connectivityMode, hostname, network),
    tags: asked.tags === undefined ? (present?.tags ?? {}) : accepted(parseTags(Object.entries(asked.tags))),
    settings: validateOwnSettings(asked.settings ?? {}, present?.settings ?? {}),
    proxyProtocol: asked.proxyProtocol ?? present?.proxyProtocol ?? false,
    check: asked.check === undefined ? (present?.check ?? 'connect') : accepted(parseCheckMode(asked.check)),
  };
}

/** Checks the host that relays are to dial. Addresses that no relay would dial are refused here; what a name resolves to is known to relays only. */
function parseEndpoint(text: string, network: NetworkSettings): Outcome<string> {
  const hostname = parseHostname(text, domainToASCII);
  const why = hostname.ok ? neverDialled(hostname.value, parseBlock(network.virtualSubnet)) : undefined;
  if (why === undefined) return hostname;
  return refuse('hostname_never_dialled', `no relay dials this address, because it ${why}`, 'hostname', text);
}

/** Determines where clients find the resource. Addresses and ports from another connectivity mode are not kept. */
function determinePlace(
  asked: AskedProperties,
  before: Properties | undefined,
  port: number,
  network: NetworkSettings,
  occupied: Occupied,
): Place {
  const mode = accepted(parseMode(asked.connectivityMode ?? before?.connectivityMode ?? 'loopback', network));
  const present = before?.connectivityMode === mode ? before : undefined;
  const bindAddress = determineAddress(asked.bindAddress, present, mode, network, occupied);
  return {
    connectivityMode: mode,
    bindAddress,
    portOverride: determinePort(asked, present, { mode, bindAddress, port }, network, occupied),
  };
}

function parseMode(mode: string, network: NetworkSettings): Outcome<ConnectivityMode> {
  const known = CONNECTIVITY_MODES.find((one) => one === mode);
  if (!known) {
    const message = `a connectivity mode is one of ${CONNECTIVITY_MODES.join(', ')}`;
    return refuse('connectivity_mode_invalid', message, 'connectivityMode', mode);
  }
  if (known === 'loopback' || network.virtualNetworking) return accept(known);
  const message = 'virtual networking is not enabled for this organization';
  return refuse('virtual_network_not_enabled', message, 'connectivityMode', mode);
}

function parseCheckMode(text: string): Outcome<CheckMode> {
  const known = CHECK_MODES.find((one) => one === text);
  return known ? accept(known) : refuse('check_invalid', `check is one of ${CHECK_MODES.join(', ')}`, 'check', text);
}

function determineAddress(
  asked: string | null | undefined,
  present: Properties | undefined,
  mode: ConnectivityMode,
  network: NetworkSettings,
  occupied: Occupied,
): string {
  if (asked === undefined && present) return present.bindAddress;
  const range = rangeOf(mode, network);
  const isOpen = asked === undefined || asked === null || asked === '';
  if (!isOpen) return accepted(parseBindAddress(asked, range));
  const unused = assignBindAddress(range, new Set([...occupied.addresses, ...occupied.recentAddresses]));
  return accepted(unused.ok ? unused : assignBindAddress(range, occupied.addresses));
}

function determinePort(
  asked: AskedProperties,
  present: Properties | undefined,
  at: { mode: ConnectivityMode; bindAddress: string; port: number },
  network: NetworkSettings,
  occupied: Occupied,
): number {
  const wanted = asked.portOverride;
  if (wanted === undefined && present && present.bindAddress === at.bindAddress) return present.portOverride;
  const renew = present !== undefined && wanted === -1;
  if (wanted !== undefined && wanted !== null && !renew) return accepted(parsePortOverride(wanted, at.mode));
  const used = new Set(occupied.portsOf(at.bindAddress));
  if (renew && present.bindAddress === at.bindAddress) used.add(present.portOverride);
  const avoided = new Set([...used, ...occupied.recentPortsOf(at.bindAddress)]);
  if (isOwn(at, network, avoided) && parsePortOverride(at.port, at.mode).ok) return at.port; // clients can then use the port that they know
  if (at.mode === 'loopback' || renew) {
    const unused = assignPortOverride(at.bindAddress, avoided);
    return accepted(unused.ok ? unused : assignPortOverride(at.bindAddress, used));
  }
  if (!used.has(at.port)) return at.port; // clients on the virtual network can use the port that they know
  const message = `another server uses ${at.bindAddress}:${at.port}: give another address, or a port override`;
  return accepted(refuse('port_override_taken', message, 'portOverride', String(at.port)));
}

/** Whether a server has a loopback address of its own, which needs a range of several addresses and no other server at this one. */
const isOwn = (
  at: { mode: ConnectivityMode; bindAddress: string },
  network: NetworkSettings,
  used: ReadonlySet<number>,
): boolean => {
  const { first, last } = rangeOf(at.mode, network);
  return at.mode === 'loopback' && first !== last && used.size === 0;
};

function determineDns(dns: string | null, mode: ConnectivityMode, hostname: string, network: NetworkSettings): string | null {
  if (dns === null || dns === '') return null;
  if (mode === 'virtual-network') return accepted(parseDnsName(dns, hostname, network.dnsZones, domainToASCII));
  const message = 'a DNS name can be set for servers in virtual network mode only';
  return accepted(refuse('dns_needs_virtual_network', message, 'dns', dns));
}

import { domainToASCII } from 'node:url';
import { DEFAULT_CLUSTER } from '@sluice/contracts';
import {
  accept,
  type AddressBlock,
  assignBindAddress,
  assignPortOverride,
  CONNECTIVITY_MODES,
  DEFAULT_PORT,
  nameKey,
  type Outcome,
  parseBindAddress,
  parseDisplayName,
  parseHostname,
  parsePort,
  parsePortOverride,
  parseTags,
  refuse,
} from '@sluice/domain';
import { accepted } from '../change/refused.js';
import { type AskedSettings, settleOwnSettings } from '../settings/settle-settings.js';
import type { ResourceRow } from './resource.table.js';

/** Properties of a resource as somebody asked for them; what is absent keeps its present value or gets a default. */
export interface AskedProperties {
  readonly name?: string | undefined;
  readonly hostname?: string | undefined;
  readonly port?: number | undefined;
  readonly proxyCluster?: string | null | undefined;
  readonly connectivityMode?: string | undefined;
  readonly bindAddress?: string | null | undefined;
  readonly portOverride?: number | null | undefined;
  readonly dns?: string | null | undefined;
  readonly tags?: Record<string, string> | undefined;
  readonly settings?: AskedSettings | undefined;
  readonly proxyProtocol?: boolean | undefined;
}

/** Where other resources are bound, so that an address can be assigned that is free. */
export interface Occupied {
  readonly addresses: ReadonlySet<string>;
  portsOf(address: string): ReadonlySet<number>;
}

type Properties = Omit<ResourceRow, 'id' | 'version' | 'createdAt'>;

function parseCluster(name: string | null): Outcome<string> {
  if (name === null || name === '' || name === DEFAULT_CLUSTER) return accept(DEFAULT_CLUSTER);
  return refuse('proxy_cluster_unknown', 'there is no proxy cluster of this name', 'proxyCluster', name);
}

function parseMode(mode: string): Outcome<'loopback'> {
  if (mode === 'loopback') return accept(mode);
  if (mode === 'virtual-network')
    return refuse(
      'virtual_network_not_enabled',
      'virtual networking is not enabled for this organization',
      'connectivityMode',
      mode,
    );
  return refuse(
    'connectivity_mode_invalid',
    `a connectivity mode is one of ${CONNECTIVITY_MODES.join(', ')}`,
    'connectivityMode',
    mode,
  );
}

function parseDns(dns: string | null): Outcome<null> {
  if (dns === null || dns === '') return accept(null);
  return refuse('dns_needs_virtual_network', 'a DNS name can be set for servers in virtual network mode only', 'dns', dns);
}

/** Checks what was asked for against every rule, one after the other, and assigns what was left open. @throws ProblemError */
export function settleProperties(
  asked: AskedProperties,
  present: Properties | undefined,
  range: { text: string; block: AddressBlock },
  occupied: Occupied,
): Properties {
  const name = asked.name === undefined && present ? present.name : accepted(parseDisplayName(asked.name ?? ''));
  const bindAddress = settleAddress(asked, present, range, occupied);
  return {
    name,
    nameKey: nameKey(name),
    clusterId:
      asked.proxyCluster === undefined && present ? present.clusterId : accepted(parseCluster(asked.proxyCluster ?? null)),
    hostname:
      asked.hostname === undefined && present ? present.hostname : accepted(parseHostname(asked.hostname ?? '', domainToASCII)),
    port: asked.port === undefined ? (present?.port ?? DEFAULT_PORT) : accepted(parsePort(asked.port)),
    connectivityMode:
      asked.connectivityMode === undefined && present
        ? present.connectivityMode
        : accepted(parseMode(asked.connectivityMode ?? 'loopback')),
    bindAddress,
    portOverride: settlePort(asked, present, bindAddress, occupied),
    dns: asked.dns === undefined && present ? present.dns : accepted(parseDns(asked.dns ?? null)),
    tags: asked.tags === undefined ? (present?.tags ?? {}) : accepted(parseTags(Object.entries(asked.tags))),
    settings: settleOwnSettings(asked.settings ?? {}, present?.settings ?? {}),
    proxyProtocol: asked.proxyProtocol ?? present?.proxyProtocol ?? false,
  };
}

function settleAddress(
  asked: AskedProperties,
  present: Properties | undefined,
  range: { text: string; block: AddressBlock },
  occupied: Occupied,
): string {
  if (asked.bindAddress === undefined && present) return present.bindAddress;
  if (asked.bindAddress === undefined || asked.bindAddress === null || asked.bindAddress === '') {
    return accepted(assignBindAddress(range.block, range.text, occupied.addresses));
  }
  return accepted(parseBindAddress(asked.bindAddress, range.block, range.text));
}

function settlePort(asked: AskedProperties, present: Properties | undefined, address: string, occupied: Occupied): number {
  const wanted = asked.portOverride;
  if (wanted === undefined && present && present.bindAddress === address) return present.portOverride;
  const renew = present !== undefined && wanted === -1;
  if (wanted === undefined || wanted === null || renew) {
    const used = new Set(occupied.portsOf(address));
    if (renew && present.bindAddress === address) used.add(present.portOverride);
    return accepted(assignPortOverride(address, used));
  }
  return accepted(parsePortOverride(wanted));
}

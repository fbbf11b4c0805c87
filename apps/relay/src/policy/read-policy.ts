import { SETTINGS_ID } from '@sluice/contracts';
import { type AddressBlock, DEFAULT_NETWORK, parseBlock } from '@sluice/domain';
import type { PolicyReplica } from '@sluice/messaging';

/** The addresses of the gateways, by gateway id. */
export const gatewaysOf = (policy: PolicyReplica): Map<string, string> =>
  new Map([...policy.all('gateway')].map(({ id, address }) => [id, address]));

/** Addresses that exist only on clients' machines; relays must not dial them. */
export const virtualSubnetOf = (policy: PolicyReplica): AddressBlock | undefined =>
  parseBlock(policy.find('settings', SETTINGS_ID)?.virtualSubnet ?? DEFAULT_NETWORK.virtualSubnet);

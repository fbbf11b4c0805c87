import { CHAINED_SERVICES, type ChainedService } from '@sluice/contracts';

/**
 * The single name in a certificate of Sluice, a URI in its subject alternative names:
 *
 *   sluice://<organization>/accounts/<account>/logins/<login>
 *   sluice://<organization>/gateways/<node>
 *   sluice://<organization>/relays/<node>/clusters/<cluster>
 *   sluice://<organization>/services/<service>                 signs the chain of its facts, and is accepted for no connection
 */
export type Identity =
  | { readonly kind: 'account'; readonly organizationId: string; readonly accountId: string; readonly loginId: string }
  | { readonly kind: 'gateway'; readonly organizationId: string; readonly nodeId: string }
  | { readonly kind: 'relay'; readonly organizationId: string; readonly nodeId: string; readonly cluster: string }
  | { readonly kind: 'service'; readonly organizationId: string; readonly service: ChainedService };

/** Those that open connections. */
export type PeerIdentity = Exclude<Identity, { readonly kind: 'service' }>;

const ID = '([0-9a-f-]{36})';
const ACCOUNT = new RegExp(`^sluice://${ID}/accounts/${ID}/logins/${ID}$`);
const GATEWAY = new RegExp(`^sluice://${ID}/gateways/${ID}$`);
const RELAY = new RegExp(`^sluice://${ID}/relays/${ID}/clusters/([a-z0-9-]{1,63})$`);
const SERVICE = new RegExp(`^sluice://${ID}/services/(${CHAINED_SERVICES.join('|')})$`);

/** Formats an identity as a URI. */
export function formatIdentity(of: Identity): string {
  const root = `sluice://${of.organizationId}`;
  switch (of.kind) {
    case 'account':
      return `${root}/accounts/${of.accountId}/logins/${of.loginId}`;
    case 'gateway':
      return `${root}/gateways/${of.nodeId}`;
    case 'relay':
      return `${root}/relays/${of.nodeId}/clusters/${of.cluster}`;
    case 'service':
      return `${root}/services/${of.service}`;
  }
}

/** The owner of an identity: the id of the account, whatever its login, or of the node. */
export const ownerOfIdentity = (of: PeerIdentity): string => (of.kind === 'account' ? of.accountId : of.nodeId);

/** Parses the URI of an identity; undefined for any other text. */
export function parseIdentity(uri: string): Identity | undefined {
  const account = ACCOUNT.exec(uri) as [string, string, string, string] | null;
  if (account) return { kind: 'account', organizationId: account[1], accountId: account[2], loginId: account[3] };
  const gateway = GATEWAY.exec(uri) as [string, string, string] | null;
  if (gateway) return { kind: 'gateway', organizationId: gateway[1], nodeId: gateway[2] };
  const relay = RELAY.exec(uri) as [string, string, string, string] | null;
  if (relay) return { kind: 'relay', organizationId: relay[1], nodeId: relay[2], cluster: relay[3] };
  const service = SERVICE.exec(uri) as [string, string, ChainedService] | null;
  if (service) return { kind: 'service', organizationId: service[1], service: service[2] };
  return undefined;
}

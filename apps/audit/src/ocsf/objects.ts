import { parseHostPort, parseIpv4, parseIpv6 } from '@sluice/domain';
import { type Attributes, present } from './draft.js';

/** What the schema accepts as an e-mail address. Sluice accepts others too; those are names only. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+$/;
/** The length of the longest address that the schema accepts. */
const MAX_IP = 40;

/** An account as a user of the schema. */
export const userOf = (id: string | undefined, email: string | null): Attributes => {
  const name = email === null || email === '' ? undefined : email;
  const uid = id ?? (name === undefined ? 'unknown' : undefined);
  return present({ uid, name, email_addr: name !== undefined && EMAIL.test(name) ? name : undefined }) ?? {};
};

/** Address and port of an endpoint, from `host:port` or an address alone; undefined for any other text, and for an address that is written too long for the schema. */
export function endpointOf(text: string | null | undefined): Attributes | undefined {
  if (text === null || text === undefined) return undefined;
  const { host, port } = parseHostPort(text) ?? { host: text.replace(/^\[(.*)\]$/, '$1'), port: undefined };
  const isAddress = (parseIpv4(host) ?? parseIpv6(host)) !== undefined;
  if (isAddress) return host.length > MAX_IP ? undefined : present({ ip: host, port });
  return port === undefined ? undefined : { hostname: host, port };
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type AddressBlock, isLoopbackHost, parseBlock } from '@sluice/domain';
import { busCredentials, configuration, hostPort, list, milliseconds, operationsAddress } from '@sluice/process';
import { z } from 'zod';

/** Address blocks of proxies, from a list with commas. One that holds every address would let anybody forge theirs. */
function parseProxies(text: string, context: z.RefinementCtx): AddressBlock[] {
  const blocks: AddressBlock[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const block = part === '' ? undefined : parseBlock(part);
    if (block !== undefined && block.bits > 0) blocks.push(block);
    else if (part !== '')
      context.addIssue(
        block === undefined
          ? `is a list of addresses and blocks such as 10.0.0.0/8 ("${part}" is none)`
          : `names proxies of yours: ${part} is everybody`,
      );
  }
  return blocks;
}

const settings = {
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  natsServers: ['NATS_URL', list],
  bus: ['SLUICE_BUS_CREDENTIALS_FILE', busCredentials],
  http: ['SLUICE_HTTP_ADDRESS', hostPort.default({ host: '127.0.0.1', port: 8080 })],
  tlsCert: ['SLUICE_TLS_CERT', z.string().optional()],
  tlsKey: ['SLUICE_TLS_KEY', z.string().optional()],
  /** Where proxies of ours connect from: what they forward as the client's address is believed. */
  trustedProxies: ['SLUICE_TRUSTED_PROXIES', z.string().default('').transform(parseProxies)],
  behindProxy: [
    'SLUICE_BEHIND_PROXY',
    z.undefined('is gone, because it trusted everybody: name your proxies in SLUICE_TRUSTED_PROXIES').optional(),
  ],
  tunnel: ['SLUICE_TUNNEL_ADDRESS', hostPort.default({ host: '127.0.0.1', port: 8443 })],
  /** Where agents and relays find the tunnel port; without it, the address listened on. */
  advertised: ['SLUICE_TUNNEL_ADVERTISED', z.string().optional()],
  /** Where relays find the tunnel port, when that is not where agents do. */
  relayAddress: ['SLUICE_TUNNEL_ADVERTISED_TO_RELAYS', z.string().nullable().default(null)],
  /** Which halves of a gateway this process is. */
  parts: [
    'SLUICE_GATEWAY_PARTS',
    z
      .string()
      .default('api,tunnel')
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => part === 'api' || part === 'tunnel'), 'is a list of api and tunnel'),
  ],
  name: ['SLUICE_GATEWAY_NAME', z.string().default(hostname())],
  /** Folder with the agent's package, which `/install` hands out. */
  agentPackage: ['SLUICE_AGENT_PACKAGE', z.string().optional()],
  /** How many links are carried at a time, at most. */
  maxLinks: ['SLUICE_MAX_LINKS', z.coerce.number().int().min(1).default(20_000)],
  drainMs: ['SLUICE_DRAIN_SECONDS', z.coerce.number().min(0).max(86_400).default(30).transform(milliseconds)],
} as const;

/** What the gateway is configured with by its environment. */
export class GatewayConfig extends configuration(settings, [
  {
    variable: 'SLUICE_TLS_KEY',
    message: 'SLUICE_TLS_CERT and SLUICE_TLS_KEY belong together',
    holds: ({ tlsCert, tlsKey }) => (tlsCert === undefined) === (tlsKey === undefined),
  },
  {
    variable: 'SLUICE_HTTP_ADDRESS',
    message:
      'plain http is served on loopback only: set SLUICE_TLS_CERT and SLUICE_TLS_KEY, or SLUICE_TRUSTED_PROXIES where proxies of yours end TLS',
    holds: ({ http, tlsCert, trustedProxies }) => isLoopbackHost(http.host) || tlsCert !== undefined || trustedProxies.length > 0,
  },
]) {
  readonly tls =
    this.tlsCert === undefined || this.tlsKey === undefined
      ? undefined
      : { cert: readFileSync(this.tlsCert), key: readFileSync(this.tlsKey) };
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type AddressBlock, isLoopbackHost, parseBlock } from '@sluice/domain';
import { busCredentials, configuration, hostPort, list, milliseconds, operationsAddress } from '@sluice/process';
import { z } from 'zod';

/** Parses a comma-separated list of proxy addresses. A block of all addresses is rejected, as it would let anybody forge theirs. */
function parseProxies(text: string, context: z.RefinementCtx): AddressBlock[] {
  const blocks: AddressBlock[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const block = part === '' ? undefined : parseBlock(part);
    if (block !== undefined && block.bits > 0) blocks.push(block);
    else if (part !== '')
      context.addIssue(
        block === undefined
          ? `must be a list of addresses and blocks such as 10.0.0.0/8 ("${part}" is neither)`
          : `must name your own proxies: ${part} contains every address`,
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
  /** Addresses of our own proxies, whose `X-Forwarded-*` headers are trusted. */
  trustedProxies: ['SLUICE_TRUSTED_PROXIES', z.string().default('').transform(parseProxies)],
  behindProxy: [
    'SLUICE_BEHIND_PROXY',
    z.undefined('was removed because it trusted everybody: name your proxies in SLUICE_TRUSTED_PROXIES').optional(),
  ],
  tunnel: ['SLUICE_TUNNEL_ADDRESS', hostPort.default({ host: '127.0.0.1', port: 8443 })],
  /** The address at which agents and relays reach the tunnel port; by default the one it listens on. */
  advertised: ['SLUICE_TUNNEL_ADVERTISED', z.string().optional()],
  /** The address at which relays reach the tunnel port, if it differs from the agents'. */
  relayAddress: ['SLUICE_TUNNEL_ADVERTISED_TO_RELAYS', z.string().nullable().default(null)],
  /** Which parts of a gateway this process runs: the API, the tunnel port, or both. */
  parts: [
    'SLUICE_GATEWAY_PARTS',
    z
      .string()
      .default('api,tunnel')
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => part === 'api' || part === 'tunnel'), 'must be a list of api and tunnel'),
  ],
  name: ['SLUICE_GATEWAY_NAME', z.string().default(hostname())],
  /** Folder with the agent's package, which `/install` serves. */
  agentPackage: ['SLUICE_AGENT_PACKAGE', z.string().optional()],
  /** Folder that the console is built into, which is served at `/`. */
  console: ['SLUICE_CONSOLE', z.string().optional()],
  /** The maximum number of links at a time. */
  maxLinks: ['SLUICE_MAX_LINKS', z.coerce.number().int().min(1).default(20_000)],
  drainMs: ['SLUICE_DRAIN_SECONDS', z.coerce.number().min(0).max(86_400).default(30).transform(milliseconds)],
} as const;

/** The gateway's configuration, read from its environment. */
export class GatewayConfig extends configuration(settings, [
  {
    variable: 'SLUICE_TLS_KEY',
    message: 'SLUICE_TLS_CERT and SLUICE_TLS_KEY must be set together',
    holds: ({ tlsCert, tlsKey }) => (tlsCert === undefined) === (tlsKey === undefined),
  },
  {
    variable: 'SLUICE_HTTP_ADDRESS',
    message:
      'plain HTTP is served on loopback only: set SLUICE_TLS_CERT and SLUICE_TLS_KEY, or SLUICE_TRUSTED_PROXIES if your proxies terminate TLS',
    holds: ({ http, tlsCert, trustedProxies }) => isLoopbackHost(http.host) || tlsCert !== undefined || trustedProxies.length > 0,
  },
]) {
  readonly tls =
    this.tlsCert === undefined || this.tlsKey === undefined
      ? undefined
      : { cert: readFileSync(this.tlsCert), key: readFileSync(this.tlsKey) };
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { blockHolds, parseBlock, type AddressBlock } from '@sluice/domain';
import { type BusCredentials, hostPort, readBusCredentials, readEnvironment } from '@sluice/process';
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

const Environment = z
  .object({
    SLUICE_OPERATIONS_ADDRESS: hostPort.default({ host: '127.0.0.1', port: 0 }),
    NATS_URL: z.string().min(1),
    SLUICE_BUS_CREDENTIALS_FILE: z.string(),
    SLUICE_HTTP_ADDRESS: hostPort.default({ host: '127.0.0.1', port: 8080 }),
    SLUICE_TLS_CERT: z.string().optional(),
    SLUICE_TLS_KEY: z.string().optional(),
    SLUICE_TRUSTED_PROXIES: z.string().default('').transform(parseProxies),
    SLUICE_BEHIND_PROXY: z
      .undefined('is gone, because it trusted everybody: name your proxies in SLUICE_TRUSTED_PROXIES')
      .optional(),
    SLUICE_TUNNEL_ADDRESS: hostPort.default({ host: '127.0.0.1', port: 8443 }),
    SLUICE_TUNNEL_ADVERTISED: z.string().optional(),
    SLUICE_TUNNEL_ADVERTISED_TO_RELAYS: z.string().optional(),
    SLUICE_GATEWAY_PARTS: z
      .string()
      .default('api,tunnel')
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => part === 'api' || part === 'tunnel'), 'is a list of api and tunnel'),
    SLUICE_GATEWAY_NAME: z.string().default(hostname()),
    SLUICE_AGENT_PACKAGE: z.string().optional(),
    SLUICE_MAX_LINKS: z.coerce.number().int().min(1).default(20_000),
    SLUICE_DRAIN_SECONDS: z.coerce.number().min(0).max(86_400).default(30),
  })
  .refine((given) => (given.SLUICE_TLS_CERT === undefined) === (given.SLUICE_TLS_KEY === undefined), {
    path: ['SLUICE_TLS_KEY'],
    message: 'SLUICE_TLS_CERT and SLUICE_TLS_KEY belong together',
  })
  .refine(
    (given) =>
      isLoopback(given.SLUICE_HTTP_ADDRESS.host) ||
      given.SLUICE_TLS_CERT !== undefined ||
      given.SLUICE_TRUSTED_PROXIES.length > 0,
    {
      path: ['SLUICE_HTTP_ADDRESS'],
      message:
        'plain http is served on loopback only: set SLUICE_TLS_CERT and SLUICE_TLS_KEY, or SLUICE_TRUSTED_PROXIES where proxies of yours end TLS',
    },
  );

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => parseBlock(text) as AddressBlock);
const isLoopback = (host: string): boolean => host === 'localhost' || LOOPBACK.some((block) => blockHolds(block, host));

/** What the gateway is told by its environment. */
export class GatewayConfig {
  readonly operations: { host: string; port: number };
  readonly natsServers: string[];
  readonly bus: BusCredentials;
  readonly http: { host: string; port: number };
  readonly tls: { cert: Buffer; key: Buffer } | undefined;
  /** Where proxies of ours connect from: what they say of the client's address is believed. */
  readonly trustedProxies: readonly AddressBlock[];
  readonly tunnel: { host: string; port: number };
  /** Where agents and relays find the tunnel port; without it, the address listened on. */
  readonly advertised: string | undefined;
  /** Where relays find the tunnel port, when that is not where agents do. */
  readonly relayAddress: string | null;
  /** Which halves of a gateway this process is. */
  readonly parts: readonly string[];
  readonly name: string;
  /** Folder with the agent's package, which `/install` hands out. */
  readonly agentPackage: string | undefined;
  /** Most links carried at once. */
  readonly maxLinks: number;
  readonly drainMs: number;

  constructor(env: NodeJS.ProcessEnv) {
    const given = readEnvironment(Environment, env);
    this.operations = given.SLUICE_OPERATIONS_ADDRESS;
    this.natsServers = given.NATS_URL.split(',');
    this.bus = readBusCredentials(given.SLUICE_BUS_CREDENTIALS_FILE);
    this.http = given.SLUICE_HTTP_ADDRESS;
    this.tls =
      given.SLUICE_TLS_CERT === undefined
        ? undefined
        : { cert: readFileSync(given.SLUICE_TLS_CERT), key: readFileSync(given.SLUICE_TLS_KEY ?? '') };
    this.trustedProxies = given.SLUICE_TRUSTED_PROXIES;
    this.tunnel = given.SLUICE_TUNNEL_ADDRESS;
    this.advertised = given.SLUICE_TUNNEL_ADVERTISED;
    this.relayAddress = given.SLUICE_TUNNEL_ADVERTISED_TO_RELAYS ?? null;
    this.parts = given.SLUICE_GATEWAY_PARTS;
    this.name = given.SLUICE_GATEWAY_NAME;
    this.agentPackage = given.SLUICE_AGENT_PACKAGE;
    this.maxLinks = given.SLUICE_MAX_LINKS;
    this.drainMs = given.SLUICE_DRAIN_SECONDS * 1000;
  }
}

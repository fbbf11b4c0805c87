import { type AddressBlock, type EgressRules, parseBlock } from '@sluice/domain';
import { ConfigError, hostPort, readEnvironment } from '@sluice/process';
import { z } from 'zod';

const addressBlocks = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .refine(
    (parts) => parts.every((part) => parseBlock(part) !== undefined),
    'is a list of addresses or blocks such as 10.0.0.0/8,fd00::/8',
  )
  .transform((parts) => parts.map((part) => parseBlock(part) as AddressBlock))
  .default([]);

const EVERY_ADDRESS = ['0.0.0.0', '::'];

const Environment = z.object({
  SLUICE_OPERATIONS_ADDRESS: hostPort.default({ host: '127.0.0.1', port: 0 }),
  SLUICE_RELAY_HOME: z.string(),
  SLUICE_ENROLMENT_TOKEN: z.string().optional(),
  SLUICE_ENROLMENT_TOKEN_FILE: z.string().optional(),
  SLUICE_GATEWAY_URL: z.url().optional(),
  SLUICE_JOURNAL: z.enum(['persistent', 'ephemeral']).default('ephemeral'),
  SLUICE_JOURNAL_LIMIT_MIB: z.coerce.number().int().min(1).max(65_536).default(256),
  SLUICE_EGRESS_ALLOW: addressBlocks,
  SLUICE_EGRESS_DENY: addressBlocks,
  SLUICE_DRAIN_SECONDS: z.coerce.number().min(0).max(86_400).default(30),
  SLUICE_MAX_SESSIONS: z.coerce.number().int().min(1).default(10_000),
  SLUICE_MAX_LINKS: z.coerce.number().int().min(1).default(20_000),
  SLUICE_POLICY_STALE_NEW_SECONDS: z.coerce.number().min(1).max(86_400).default(300),
  SLUICE_POLICY_STALE_LIVE_SECONDS: z.coerce.number().min(1).max(86_400).default(900),
  SLUICE_TUNNEL_ADDRESS: hostPort.optional(),
  SLUICE_TUNNEL_ADVERTISED: z.string().max(300).optional(),
});

/** What the operator configures through the environment, as opposed to the settings that the registry publishes. */
export class RelayConfig {
  readonly operations: { host: string; port: number };
  /** Folder of the relay's identity and journal. */
  readonly home: string;
  readonly enrolmentToken: string | undefined;
  /** A file that holds the token. It may be written after the relay has started. */
  readonly enrolmentTokenFile: string | undefined;
  /** URL of the API, if it differs from the one in the enrolment token. */
  readonly gatewayUrl: string | undefined;
  /** Whether the journal's folder survives the loss of the machine or container (`persistent`) or not (`ephemeral`). */
  readonly journal: 'persistent' | 'ephemeral';
  readonly journalLimitBytes: number;
  readonly egress: EgressRules;
  readonly drainMs: number;
  readonly maxSessions: number;
  /** Maximum number of links at the same time, idle or not. */
  readonly maxLinks: number;
  /** Age of the policy in milliseconds from which new sessions are refused, and from which live ones are ended. */
  readonly stale: { readonly newMs: number; readonly liveMs: number };
  /** Address at which this relay listens for agents; undefined when it only dials out. */
  readonly tunnel: { host: string; port: number } | undefined;
  /** Address that agents dial, if it differs from the address listened on. */
  readonly advertised: string | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    const given = readEnvironment(Environment, env);
    if (
      given.SLUICE_TUNNEL_ADDRESS &&
      EVERY_ADDRESS.includes(given.SLUICE_TUNNEL_ADDRESS.host) &&
      !given.SLUICE_TUNNEL_ADVERTISED
    )
      throw new ConfigError(
        `the configuration cannot be used:\n  SLUICE_TUNNEL_ADVERTISED: is not set; agents cannot dial ${given.SLUICE_TUNNEL_ADDRESS.host}, so set the address at which they reach this relay`,
      );
    const { SLUICE_POLICY_STALE_NEW_SECONDS: staleNew, SLUICE_POLICY_STALE_LIVE_SECONDS: staleLive } = given;
    if (staleLive < staleNew)
      throw new ConfigError(
        `the configuration cannot be used:\n  SLUICE_POLICY_STALE_LIVE_SECONDS: is ${staleLive}, less than SLUICE_POLICY_STALE_NEW_SECONDS, which is ${staleNew}; a policy that is too old for live sessions must also be too old for new ones`,
      );
    this.operations = given.SLUICE_OPERATIONS_ADDRESS;
    this.home = given.SLUICE_RELAY_HOME;
    this.enrolmentToken = given.SLUICE_ENROLMENT_TOKEN;
    this.enrolmentTokenFile = given.SLUICE_ENROLMENT_TOKEN_FILE;
    this.gatewayUrl = given.SLUICE_GATEWAY_URL;
    this.journal = given.SLUICE_JOURNAL;
    this.journalLimitBytes = given.SLUICE_JOURNAL_LIMIT_MIB * 1024 * 1024;
    this.egress = { allow: given.SLUICE_EGRESS_ALLOW, deny: given.SLUICE_EGRESS_DENY };
    this.drainMs = given.SLUICE_DRAIN_SECONDS * 1000;
    this.maxSessions = given.SLUICE_MAX_SESSIONS;
    this.maxLinks = given.SLUICE_MAX_LINKS;
    this.stale = { newMs: staleNew * 1000, liveMs: staleLive * 1000 };
    this.tunnel = given.SLUICE_TUNNEL_ADDRESS;
    this.advertised = given.SLUICE_TUNNEL_ADVERTISED;
  }
}
